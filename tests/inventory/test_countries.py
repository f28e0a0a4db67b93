from sekisho.inventory.countries import COUNTRIES


def test_codes_are_two_capital_letters() -> None:
    assert all(len(code) == 2 and code.isalpha() and code.isupper() for code in COUNTRIES)
    assert len(COUNTRIES) == 250, "249 of ISO 3166-1, and XK, which people use for Kosovo"
    assert {"JP", "TH", "NO", "GB", "XK"} <= COUNTRIES
    assert not {"UK", "EU", "AN", "YU"} & COUNTRIES
