"""`from autograder.hand_in import look`, as it is known outside; `handing_in` has it.

Students import a function from `autograder` under this name, which a module of the package would take from it: so the
function stands in the module's place.
"""

import sys

from autograder import handing_in, notebook

notebook.hand_in.look = handing_in.look
sys.modules[__name__] = notebook.hand_in
