from sekisho.reports.exports.techniques import url_of


def test_a_part_of_a_technique_is_below_it() -> None:
    assert url_of("T1090") == "https://attack.mitre.org/techniques/T1090"
    assert url_of("T1021.002") == "https://attack.mitre.org/techniques/T1021/002"
