"""How this installation behaves: the file ``genlab.toml`` and, above it, variables ``GENLAB_...``.

::

    # genlab.toml, in the installation's folder ($GENLAB_ROOT, else $GENLAB_HOME); every line has a default
    mode = "demo"                  # GENLAB_MODE

    [limits]
    minutes = 5                    # GENLAB_LIMITS__MINUTES

They are read once, when a process first asks; who changes them starts the server anew.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from genlab.errors import GenlabError
from genlab.paths import root

Mode = Literal["single", "demo", "team"]
Address = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^@\s]+@[^@\s]+$")]
AddressOrDomain = Annotated[str, StringConstraints(to_lower=True, pattern=r"^([^@\s]+@)?[^@\s]+$")]

FILE = "genlab.toml"
TEAM_IDLE_HOURS = 90 * 24.0


class SettingsError(GenlabError):
    """The settings make no sense; the message names the first that does not."""


class Part(BaseModel):
    """A table of the file: nothing in it changes, and it holds no names but those below."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(Part):
    """What a visitor may use of the machine. They hold in the modes ``demo`` and ``team``.

    Attributes
    ----------
    visitors
        Who may have a workspace at the same time.
    idle_hours
        A workspace that nobody visited for so long is removed; in the mode ``team`` 90 days where nothing is set.
    runs
        Kept by a visitor.
    waiting
        Runs of a visitor that wait or train at the same time.
    minutes
        That a run trains at most.
    megabytes
        That a visitor's workspace takes on the disk.
    jobs
        Maps, films and inversions of a visitor that are computed at the same time.
    all_jobs
        The same, of all visitors together.
    searches
        Whether visitors may start searches and experiments, which train one run after the other.
    free_megabytes
        Of the disk that are left alone: below it nothing new begins, and what trains waits. Holds in every mode.
    """

    visitors: int = Field(default=200, ge=1, le=100_000)
    idle_hours: float = Field(default=24.0, gt=0.0, le=24.0 * 365)
    runs: int = Field(default=12, ge=1, le=10_000)
    waiting: int = Field(default=2, ge=1, le=100)
    minutes: float = Field(default=5.0, gt=0.0, le=7 * 24 * 60.0)
    megabytes: int = Field(default=200, ge=10, le=10_000_000)
    jobs: int = Field(default=1, ge=1, le=100)
    all_jobs: int = Field(default=2, ge=1, le=100)
    searches: bool = False
    free_megabytes: int = Field(default=500, ge=0, le=10_000_000)


Origin = Annotated[str, Field(pattern=r"^https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?$")]
"""As browsers name a site: scheme, host and port; a star stands for any name below a host."""


class Server(Part):
    """Whom the server lets in, and how often; these hold in every mode.

    Attributes
    ----------
    frames
        Other sites that may show the pages within theirs.
    proxies
        Networks of the proxies in front of the server, whose header ``X-Forwarded-For`` is believed. A proxy on this
        machine is, by the server that Streamlit runs in.
    sessions
        Pages that are open at the same time.
    sessions_each
        Those of them that are from one address.
    sockets, decodes, uploads
        Connections of pages, pictures that are decoded at places of a map, and files, from one visitor, a minute.
        From one address, behind which many may sit, ten times as many.
    megabytes
        Of files that pages have sent and the server holds in its memory at the same time, with those on their way.
    workspaces
        New workspaces from one address, an hour.
    """

    frames: tuple[Origin, ...] = ()
    proxies: tuple[IPvAnyNetwork, ...] = ()
    sessions: int = Field(default=300, ge=1, le=100_000)
    sessions_each: int = Field(default=100, ge=1, le=100_000)
    sockets: int = Field(default=60, ge=1, le=1_000_000)
    decodes: int = Field(default=1200, ge=1, le=1_000_000)
    uploads: int = Field(default=60, ge=1, le=1_000_000)
    megabytes: int = Field(default=600, ge=1, le=1_000_000)
    workspaces: int = Field(default=120, ge=1, le=1_000_000)


class Metrics(Part):
    """Who may read the numbers of the operator.

    Attributes
    ----------
    token
        Whoever sends it as ``Authorization: Bearer ...``. Without one only this machine may, and by no proxy.
    """

    token: SecretStr | None = Field(default=None, min_length=16)


class Team(Part):
    """Who may come in, in the mode ``team``, and who sees everybody's workspaces.

    Attributes
    ----------
    admins
        Addresses of those who see who has a workspace and what trains, and may stop it. They are members, too.
    members
        Addresses, and domains such as ``example.org``, of those who may come in; empty for whoever can sign in.
    """

    admins: tuple[Address, ...] = ()
    members: tuple[AddressOrDomain, ...] = ()

    def is_admin(self, address: str) -> bool:
        """Whether an address, in small letters, is an admin's."""
        return address in self.admins

    def admits(self, address: str) -> bool:
        """Whether who has signed in with an address, in small letters, may come in."""
        domain = address.rpartition("@")[2]
        return not self.members or self.is_admin(address) or address in self.members or domain in self.members


class Ray(Part):
    """Where runs train with the launcher ``ray``, and what each is given there.

    Attributes
    ----------
    address
        Of the cluster: ``auto`` finds the one that this machine belongs to.
    cpus, gpus
        That a run takes; of either a part is possible, such as half a GPU.
    """

    address: str = Field(default="auto", min_length=1)
    cpus: float = Field(default=1.0, gt=0.0, le=1024.0)
    gpus: float = Field(default=0.0, ge=0.0, le=1024.0)


class Settings(BaseSettings):
    """All that can be set.

    Attributes
    ----------
    mode
        ``single``: whoever reaches the dashboard is its only user. ``demo``: each visitor has a workspace, known by a
        cookie. ``team``: each person who signed in (OIDC, see Streamlit's ``st.login``) has one.
    log
        The server's log as lines of text, or of JSON.
    stop_workers
        Whether a server that ends asks all processes that it started to end too, and waits some seconds for them:
        trainings save themselves and go back into the queue. For containers, where nothing outlives the server.
    launcher
        What trains queued runs: worker processes of this machine, or a Ray cluster.
    """

    model_config = SettingsConfigDict(env_prefix="GENLAB_", env_nested_delimiter="__", frozen=True, extra="forbid")

    mode: Mode = "single"
    log: Literal["text", "json"] = "text"
    stop_workers: bool = False
    limits: Limits = Limits()
    server: Server = Server()
    metrics: Metrics = Metrics()
    launcher: Literal["local", "ray"] = "local"
    ray: Ray = Ray()
    team: Team = Team()

    @model_validator(mode="before")
    @classmethod
    def _keep_a_teams_work(cls, values: dict[str, Any]) -> dict[str, Any]:
        limited = values.get("limits", {})
        if values.get("mode") == "team" and isinstance(limited, dict):
            return {**values, "limits": {"idle_hours": TEAM_IDLE_HOURS, **limited}}
        return values

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is the library's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Variables, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, settings_file())


def settings_file() -> Path:
    """The file of settings, there or not: ``$GENLAB_SETTINGS``, else ``genlab.toml`` in the installation's folder."""
    chosen = os.environ.get("GENLAB_SETTINGS")
    return Path(chosen).expanduser().resolve() if chosen else root() / FILE


@cache
def settings() -> Settings:
    """The settings of this process.

    Raises
    ------
    SettingsError
        A value is unknown or out of range, or the file is not TOML.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"The setting {name!r} makes no sense: {first['msg']}. Mend it in {settings_file()} or in the variables "
            "GENLAB_... and start again."
        ) from error
    except (ValueError, OSError) as error:
        raise SettingsError(f"The settings in {settings_file()} cannot be read: {error}") from error


def limits() -> Limits | None:
    """What visitors may use; None where there is a single user, whom nothing limits.

    Raises
    ------
    SettingsError
        As :func:`settings`.
    """
    found = settings()
    return None if found.mode == "single" else found.limits
