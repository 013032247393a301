"""Pictures leave the lab: zip, npz, GIF, WebP and MP4, as bytes, of bounded size, the same for the same input."""

from genlab.export.archive import latent_bytes, npz_bytes, zip_bytes
from genlab.export.film import film_bytes
from genlab.export.picture import ExportError

__all__ = ["ExportError", "film_bytes", "latent_bytes", "npz_bytes", "zip_bytes"]
