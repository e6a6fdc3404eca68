import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ostinato._errors import InputError
from ostinato.data._copies import COPIED, MOST_SLOTS, Copier, Slots, copyable

properties = settings(max_examples=300, deadline=None)
PARTS = st.one_of(
    st.sampled_from(["{0}", "%1", "%s", "$1", "<b>", "7", "1,000", "2.5", "es5", "http://a.b/c?d", "a@b.c"]),
    st.text(st.sampled_from("ab1{}%$<>[]()./@:,가 "), max_size=3),
    st.text(max_size=2),
)
texts = st.lists(PARTS, max_size=12).map("".join)


def strings(text, *kinds):
    return [text[begin:end] for begin, end in copyable(text, kinds or COPIED)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'{0}'은(는) {name} 것 {}", ["{0}", "{name}", "{}"]),
        ("${HOME} %{count} {{ user.name }}", ["${HOME}", "%{count}", "{{ user.name }}"]),
        ("%1을 %12 말하기 $1", ["%1", "%12", "$1"]),
        ("%s을 %d, %5.2f %1$s %ld %@ 50%", ["%s", "%d", "%5.2f", "%1$s", "%ld", "%@", "50"]),
        ("%(limit_value)s보다 %(n)03d", ["%(limit_value)s", "%(n)03d"]),
        ("[SEQUENCE] 키 [b] [B]", ["[SEQUENCE]"]),
        ("<b>굵게</b><br/> a < b > c", ["<b>", "</b>", "<br/>"]),
        ('<a href="{url}">', ['<a href="{url}">']),
        ("https://example.org/a?b=1을 (http://x.kr/).", ["https://example.org/a?b=1", "http://x.kr/"]),
        ("me.too@mail.example.org에게", ["me.too@mail.example.org"]),
        ("3 1,000 2.5 10MB 8~16세, 2000년. 1.", ["3", "1,000", "2.5", "10", "8", "16", "2000", "1"]),
        ("es2015 WeDo2는 v1.2", ["es2015", "WeDo2", "v1", "2"]),
        ("$300 100%done, 5%", ["300", "100", "5"]),
        ("nothing to copy, 아무것도", []),
    ],
)
def test_what_is_copied(text, expected):
    assert strings(text) == expected


def test_only_the_kinds_asked_for():
    assert strings("{0} <b> 7", "number") == ["0", "7"]


@properties
@given(texts)
def test_spans_are_in_order_and_do_not_overlap(text):
    ends = [0]
    for begin, end in copyable(text):
        assert ends[-1] <= begin < end <= len(text)
        ends.append(end)


@properties
@given(texts)
def test_a_text_comes_back_from_its_pieces(text):
    slots = Copier().slots(text)
    pieces = slots.cut(text)
    assert slots.fill(pieces) == text
    assert "" not in pieces
    assert len(set(slots.strings)) == len(slots.strings) <= MOST_SLOTS


@properties
@given(texts, texts)
def test_what_is_shared_is_in_both(source, target):
    slots = Copier().shared(source, target)
    for text in (source, target):
        pieces = slots.cut(text)
        assert slots.fill(pieces) == text
        assert {piece for piece in pieces if isinstance(piece, int)} == set(range(len(slots.strings)))


@properties
@given(texts)
def test_slots_are_numbered_by_their_order_in_the_source(text):
    numbers = [piece for piece in Copier().shared(text, text).cut(text) if isinstance(piece, int)]
    assert list(dict.fromkeys(numbers)) == list(range(len(set(numbers))))


def test_a_pair_in_slots():
    source, target = "'{1}' 때문에 '{0}' 프로젝트 3개", "Project '{0}' ('{0}'): because of '{1}'"
    slots = Copier().shared(source, target)
    assert slots == Slots(("{1}", "{0}"))
    assert slots.cut(source) == ["'", 0, "' 때문에 '", 1, "' 프로젝트 3개"]
    assert slots.cut(target) == ["Project '", 1, "' ('", 1, "'): because of '", 0, "'"]


def test_what_lies_within_something_longer_is_found_if_only_that_is_shared():
    assert Copier().shared("<b {0}>", "{0}").strings == ("{0}",)


def test_there_are_no_more_slots_than_sixteen():
    text = " ".join(f"{{{number}}}" for number in range(20))
    pieces = Copier().slots(text).cut(text)
    assert pieces[-2:] == [15, " {16} {17} {18} {19}"]
    assert len(Copier().shared(text, text).strings) == 16


def test_kinds_that_targets_do_not_repeat_are_not_copied():
    copier = Copier.learn(["{0} 1+2", "{1} 2+5", "{2} 7"], ["{0} 3", "{1} 7", "{2} 7"])
    assert copier.kinds == ("placeholder", "markup", "address", "name")
    assert copier.slots("{3} 9").strings == ("{3}",)


def test_a_copier_comes_back_from_json():
    copier = Copier(("placeholder", "number"))
    assert Copier.from_json(copier.to_json()) == copier


@pytest.mark.parametrize("value", [None, {}, ["song"], [["number"]], "number"], ids=str)
def test_a_stranger_s_json(value):
    with pytest.raises(InputError, match="save it anew"):
        Copier.from_json(value)


@pytest.mark.parametrize(
    "unit", ["a", "1", "1.", "{", "%(", "<a", "a@", "a.", "@a.", "http://", "$", "[A", "%1", "{0}", "a1"]
)
def test_time_is_linear_in_the_text(unit):
    start = time.process_time()
    copyable(unit * 20_000)
    assert time.process_time() - start < 2
