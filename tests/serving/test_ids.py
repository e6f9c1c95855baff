"""Ids of lists and flags."""

from targeting.serving.ids import flag_id, is_list_id, list_id


def test_ids_have_a_prefix_and_26_characters_and_depend_on_every_part() -> None:
    made = [list_id("m", "a", "bc"), list_id("m", "ab", "c"), list_id("m", "a", "bd"), list_id("m", "a", "bc", "")]
    assert len(set(made)) == 4
    assert all(is_list_id(each) for each in made)
    assert flag_id(made[0], "f_x") != flag_id(made[1], "f_x")
    assert (flag_id(made[0], "f_x")[:2], len(flag_id(made[0], "f_x"))) == ("g_", 28)


def test_the_same_parts_make_the_same_id_for_ever() -> None:
    assert list_id("escalation", "district", "offer", "2026-03-30") == "l_pop5r2wbqoulp6rm5qnl357wuo"


def test_what_is_no_id_names_no_folder() -> None:
    assert not any(
        map(is_list_id, ["", "l_", "l_../../x", "g_pop5r2wbqoulp6rm5qnl357wuo", "l_POP5R2WBQOULP6RM5QNL357WUO"])
    )
