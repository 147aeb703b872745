import sys

import helper
import pack.inner
from pack import other

print(sys.argv, helper.NAME, pack.inner.value(), other.__name__)
print(helper.__file__, pack.__file__, pack.__path__, pack.inner.__package__)
try:
    import absent
except ModuleNotFoundError as error:
    print(error, error.name)
