"""What errors say on a Chinese page: every sentence of the source has its Chinese, and pages show it."""

import ast
import errno
import io
import json
import logging
import os
import re
import string
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from genlab.data import find
from genlab.data.own.importing import import_pictures
from genlab.data.own.single import read
from genlab.errors import GenlabError
from genlab.latent.spec import Spec
from genlab.models.presets import preset
from genlab.models.storage import read_tensors
from genlab.runs.derived import JobStatus
from genlab.runs.gate import Target
from genlab.runs.maps import plan
from genlab.runs.session import _sentence
from genlab.runs.status import STATUS_FILE, write_status
from genlab.runs.store import CONFIG_FILE, open_run
from genlab.training.checkpoint import read_arithmetic
from genlab.training.config import RunConfig
from genlab.ui import errors
from genlab.ui.i18n import catalogue
from tests.ui.conftest import Open
from tests.ui.sentences import RETURNING, ROOT, modules, texts
from tests.ui.sentences import errors as raised

VAE = "00001-digits-vae"
CJK = re.compile("[\u4e00-\u9fff]")
PLAIN = (" ({0})", "{0} of {1} MB")
CATALOGUE = "genlab/ui/i18n/zh/of_errors.toml"
SYSTEM = {os.strerror(code) for code in errno.errorcode}


def chinese() -> dict[str, str]:
    known = catalogue("zh").items()
    return {key.removeprefix(errors.SENTENCES): words for key, words in known if key.startswith(errors.SENTENCES)}


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.fixture
def in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "language", lambda: "zh")


def test_every_sentence_of_an_error_has_its_chinese() -> None:
    known = chinese()
    lacking = [f'{place}:\n"{text}" = ""' for text, place in raised().items() if text not in known]
    assert not lacking, f"add the Chinese of these sentences to {CATALOGUE}:\n" + "\n".join(lacking)


def test_every_error_is_read() -> None:
    """A text made in another way, such as by ``"...".format()``, would be passed over by the test above."""
    own = {"t", "str", *RETURNING}
    passed_over = [
        f"{module.namespace.__name__}, line {node.lineno}: {ast.unparse(node)}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and module.is_error(node.func)
        and node.args
        and isinstance(node.args[0], ast.Call | ast.BinOp)
        and not module.templates(node.args[0])
        and ast.unparse(getattr(node.args[0], "func", node.args[0])).split(".")[-1] not in own
    ]
    assert not passed_over, "write these messages as f-strings:\n" + "\n".join(passed_over)


def test_chinese_tells_no_error_that_the_source_has_not_any_more() -> None:
    gone = [text for text in chinese() if text not in texts() and text not in raised() and text not in SYSTEM]
    assert not gone, f"no source says this any more; mend or delete it in {CATALOGUE}:\n" + "\n".join(gone)


def test_pages_show_no_message_as_it_is() -> None:
    """What a page takes from an error or a status goes through :func:`genlab.ui.errors.said`."""
    raw = re.compile(r"(?<!why=)str\(error\)|\.why\b(?![:\[])|escape\(\w+\.problem\b")
    pages = [*(ROOT / "genlab" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
    kept = ("errors.py", "fetch.py", "routes.py")  # what says them, and what speaks to no reader
    lines = [(path.name, line) for path in pages if path.name not in kept for line in path.read_text().splitlines()]
    assert not [(name, line) for name, line in lines if raw.search(line) and "said(" not in line]


def test_both_hold_the_same_and_the_chinese_is_chinese() -> None:
    assert not [text for text, words in chinese().items() if holes(text) != holes(words)]
    assert not [text for text, words in chinese().items() if not CJK.search(words) and text not in PLAIN]
    assert not [text for text, words in chinese().items() if text.endswith(".") != words.endswith("。")]


def test_no_sentence_is_taken_for_another(in_chinese: None) -> None:
    for text, words in chinese().items():
        values = [f"<{number}>" for number in range(len(holes(text)))]
        assert errors.said(text.format(*values)) == words.format(*values), text


def packed(*names: str) -> io.BytesIO:
    """A zip of files that are no pictures."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, b"no picture")
    return made


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (lambda: find("nothing"), "没有名为 'nothing' 的数据集。请从这些里选择：digits, "),
        (lambda: preset("vae?"), "没有名为 'vae?' 的预设方案。现有的预设方案："),
        (lambda: read(b"no picture"), "文件不是这些格式的图片："),
        (lambda: read_tensors(Path("/a. b/c; d")), "文件 /a. b/c; d 不存在。"),
        (lambda: Target("fid", -1.0), "目标是不小于 0 的数，不能是 '-1.0'。"),
        (lambda: RunConfig("digits", "vae", batch_size=0), "批大小应是 2 到 4096 之间的整数，不能是 0。"),
        (
            lambda: import_pictures(packed("a b.txt", "c.png"), "mine", 28, 1, filename="mine.zip"),
            "其中没有一张图像可用（a b.txt 的文件名不像图片（.png、.jpg、.webp、.gif、.bmp、.tif 或 .ppm）；另有 1 个",
        ),
        (lambda: read_arithmetic(Path("/x")), "文件 /x/trainer.json 不存在。"),
    ],
)
def test_real_errors(in_chinese: None, broken: Callable[[], object], told: str) -> None:
    with pytest.raises(GenlabError) as caught:
        broken()
    assert errors.said(caught.value).startswith(told)


def test_what_a_sentence_holds_is_told_in_chinese_too(in_chinese: None) -> None:
    refused = PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/a b")
    assert errors.said(_sentence(refused)) == "操作系统拒绝读写（/a b）：没有权限。"
    assert errors.said("downloading MNIST: 3.1 of 11.6 MB") == "正在下载 MNIST：3.1 / 11.6 MB"
    lost = (
        "MNIST could not be downloaded: a.org was too slow; b.org answered 404 Not Found. Check the network, or set "
        "GENLAB_MIRROR to the address of a mirror of your own."
    )
    assert errors.said(lost).startswith("MNIST 下载失败：a.org 太慢；b.org 的回答是 404 Not Found。请检查网络")
    cut = "In the file, the array 'images' is cut short. Save it again."
    assert errors.said(cut) == "文件里数组 'images' 不完整。请重新保存。"
    plan_lost = "The search x cannot be gone on with: /x.json says A search is a grid or bayes, and its scores are "
    plan_lost += "quick or full.."
    assert errors.said(plan_lost) == (
        "搜索 x 无法继续：/x.json 里写的是搜索方式只有 grid 和 bayes，评分只有 quick 和 full。"
    )
    diverged = "The generator's loss stopped being a finite number before step 7, so the training was ended. "
    diverged += (
        "Lower the learning rate, or keep a stabiliser such as R1 on; fp32 helps where half precision overflows."
    )
    assert errors.said(diverged).startswith("第 7 步之前，生成器的损失已不是有限的数")


def test_what_is_not_known_stays_and_is_logged_once(in_chinese: None, caplog: pytest.LogCaptureFixture) -> None:
    unheard = "Nobody has ever said this: {0}. Not {even} once; truly."
    with caplog.at_level(logging.WARNING, "genlab.ui"):
        assert [errors.said(unheard), errors.said(GenlabError(unheard))] == [unheard] * 2
    assert len([record for record in caplog.records if unheard in record.getMessage()]) == 1
    assert errors.said("") == ""


def test_what_is_in_the_language_already_stays(in_chinese: None) -> None:
    assert errors.said(errors.ToldError("A map has 2 or 3 dimensions.")) == "A map has 2 or 3 dimensions."


def test_english_stays() -> None:
    assert errors.said("A map has 2 or 3 dimensions.") == "A map has 2 or 3 dimensions."


def shown(app) -> str:
    return "\n".join(element.value for kind in ("error", "warning", "info", "caption") for element in app.get(kind))


class TestPages:
    @pytest.mark.parametrize(("lang", "told"), [("en", "The disk is full. Free"), ("zh", "磁盘已满。请腾出空间后继续")])
    def test_a_run_that_failed(self, open_page: Open, runs: Path, lang: str, told: str) -> None:
        run = open_run(VAE)
        why = _sentence(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        write_status(run.path, replace(run.status(), state="failed", why=why))
        assert told in shown(open_page("train", lang=lang, run=VAE))

    def test_runs_that_cannot_be_read(self, open_page: Open, runs: Path) -> None:
        (runs / VAE / STATUS_FILE).unlink()
        told = shown(open_page(lang="zh"))
        assert "已损坏：status.json 读不出来（FileNotFoundError" in told.replace("\\", "")
        assert "已损坏" in shown(open_page("samples", lang="zh", run=VAE))
        (runs / VAE / CONFIG_FILE).write_text(json.dumps({"config": {"data": "digits"}, "created": 1.0}))
        assert "配置缺少字段 'model'。" in shown(open_page(lang="zh"))

    @pytest.mark.usefixtures("runs")
    def test_a_map_that_failed(self, open_page: Open) -> None:
        wanted = plan(open_run(VAE), Spec("encoder", "tsne", n=60, perplexity=10))
        why = "All the points are the same, so there is nothing to map. Has the model collapsed?"
        with wanted.lock():  # makes the folder
            wanted.write(JobStatus("failed", why=why))
        app = open_page("latent", lang="zh", run=VAE, n="60", method="tsne", perplexity="10")
        assert "所有的点都一样，没有东西可画。" in shown(app)

    @pytest.mark.usefixtures("home")
    def test_options_that_do_not_go_together(self, open_page: Open) -> None:
        app = open_page(
            "train",
            lang="zh",
            data="digits",
            model="gan",
            preset="gan-wasserstein",
            **{"gan-wasserstein.gradient_penalty": "0"},
        )
        assert "如果不限制判别器的斜率" in shown(app)
