"""The instructor's side: grade submissions in processes that student code cannot reach."""

import sys

# jsonschema, under nbformat, would build a grammar of international addresses on import: three
# seconds in every process, for a check that no notebook asks for
sys.modules.setdefault("rfc3987_syntax", None)
