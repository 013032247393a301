"""Pictures of one's own: from a zip, an npz or npy array, or a folder, to a set that models train on.

Whatever is handed in is taken to be hostile or unlucky. Single files that are no good are named and
left out; the import ends in a DataError only when too little remains or a bound is crossed, and then
nothing has been written.
"""

from genlab.data.own.importing import ImportReport, import_pictures
from genlab.data.own.store import check_name, delete_own, suggest_name

__all__ = [
    "ImportReport",
    "check_name",
    "delete_own",
    "import_pictures",
    "suggest_name",
]
