"""Pictures leave the lab: PNG, zip, npz and GIF, as bytes, of bounded size, the same for the same input."""

from genlab.export.archive import npz_bytes, zip_bytes
from genlab.export.film import film_bytes
from genlab.export.picture import ExportError, png_bytes

__all__ = ["ExportError", "film_bytes", "npz_bytes", "png_bytes", "zip_bytes"]
