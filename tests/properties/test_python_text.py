"""Laws of reading Python's `repr`: what JSON can hold comes back, and nothing else gets in."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from reenact.capture.wire.python_text import python_data
from reenact.codec import canonical

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(DATA, max_size=4) | st.dictionaries(st.text(), DATA, max_size=4))
def test_the_repr_of_json_data_is_that_data(data: object):
    assert python_data(repr(data)) == data


@given(st.text(alphabet="{}[]():,'\"\\ -+.e0129TrueFalsNonxub\n"))
@example("[" * 2000)
@example("[" + "-" * 2000 + "1]")
@example("(1)" * 2000)
def test_any_text_is_read_as_data_or_not_at_all(text: str):
    found = python_data(text)

    assert found is None or isinstance(found, (dict, list))
    if found is not None:
        assert canonical(found)
