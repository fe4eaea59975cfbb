"""Countries as people write them: official names and codes are known, the ambiguous is told, no hint is far off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khanij import reference
from khanij.core.errors import CoverageError
from khanij.reference import country_labels

KNOWN = """
D.R. Congo=COD;Republic of Congo=COG;Congo, the Democratic Republic of the=COD;Congo (Kinshasa)=COD;DRC=COD
Taiwan, Province of China=TWN;Other Asia, nes=TWN;Iran, Islamic Republic of=IRN;Iran (Islamic Republic of)=IRN
Bolivia, Plurinational State of=BOL;Venezuela (Bolivarian Republic of)=VEN;PRC=CHN;People's Republic of China=CHN
Holland=NLD;Netherlands (Kingdom of the)=NLD;The Netherlands=NLD;UAE=ARE;UK=GBR;US=USA;U.S.=USA;CN=CHN;no=NOR;EL=GRC
XKX=XKX;Türkiye=TUR;Turkiye=TUR;Turkey=TUR;Eswatini=SWZ;Ivory Coast=CIV;Cote d'Ivoire=CIV;USSR=SUN;356=IND;004=AFG;4=AFG
Korea, Republic of=KOR;South Korea=KOR;Korea (the Democratic People's Republic of)=PRK;Sudan, South=SSD;St. Lucia=LCA
Moldova (the Republic of)=MDA;Tanzania, United Republic of=TZA;Viet Nam=VNM;Lao PDR=LAO;the French Republic=FRA
United Kingdom of Great Britain and Northern Ireland=GBR;Russian Federation (the)=RUS;Bahamas, The=BHS
"""


@pytest.mark.parametrize("pair", KNOWN.strip().replace("\n", ";").split(";"))
def test_a_name_or_code_is_known(pair) -> None:
    name, iso3 = pair.split("=")
    assert reference.country(name) == iso3
    assert reference.country(f"  {name.upper()} ") == iso3


@pytest.mark.parametrize(
    ("name", "either"),
    [
        ("Congo", ("COG", "COD")),
        ("congo (the)", ("COG", "COD")),
        ("Korea", ("KOR", "PRK")),
        ("Virgin Islands", ("VGB", "VIR")),
        ("Republic of China", ("CHN", "TWN")),
    ],
)
def test_what_may_be_several_countries_is_told(name, either) -> None:
    with pytest.raises(CoverageError, match="may be") as refused:
        reference.country(name)
    assert all(iso3 in refused.value.what for iso3 in either)
    assert refused.value.hint


@pytest.mark.parametrize("name", ["World", "Areas, nes", "Rest of world", "Africa", "EU27"])
def test_an_aggregate_is_no_country(name) -> None:
    with pytest.raises(CoverageError, match="no single country") as refused:
        reference.country(name)
    assert not any(code in refused.value.hint for code in reference.countries())


@pytest.mark.parametrize(
    "name", ["Atlantis", "Ruritania", "PRQ Union", "Poholland", "UAX", "699", "", "..", "x" * 10_000]
)
def test_a_hint_names_no_country_that_is_far_off(name) -> None:
    with pytest.raises(CoverageError) as refused:
        reference.country(name)
    assert "did you mean" not in refused.value.hint
    assert len(refused.value.what) < 200


@pytest.mark.parametrize(
    ("typed", "meant"), [("Chlie", "CHL"), ("Austrla", "AUS"), ("Kazakstan", "KAZ"), ("Germny", "DEU"), ("Irak", "IRQ")]
)
def test_a_slip_is_recognised_and_not_corrected_by_itself(typed, meant) -> None:
    with pytest.raises(CoverageError) as refused:
        reference.country(typed)
    assert meant in refused.value.hint


@given(st.sampled_from(sorted(reference.countries())))
def test_every_code_and_name_of_ours_is_its_own_or_told(iso3) -> None:
    assert reference.country(iso3) == iso3
    name = reference.countries()[iso3]
    if country_labels.normal(name) in country_labels._ambiguous():
        with pytest.raises(CoverageError, match="may be"):
            reference.country(name)
    else:
        assert reference.country(name) == iso3


@given(st.text(max_size=30))
def test_any_text_is_a_country_or_an_error_of_ours(text) -> None:
    found = CoverageError("none", where="-", hint="-")
    try:
        code = reference.country(text)
    except CoverageError as refused:
        code, found = "", refused
    assert code in reference.countries() or all(len(line) > len("hint:  -") for line in found.lines())


def test_countries_that_are_no_more() -> None:
    assert country_labels.ended("SUN")[0] == "1991-12-25"
    assert "RUS" in country_labels.ended("SUN")[1]
    assert country_labels.ended("IND") == ("", ())


def test_every_ambiguity_is_of_known_countries() -> None:
    for row in reference.rows("country_ambiguities"):
        assert len(row["iso3"].split(";")) > 1
        assert set(row["iso3"].split(";")) <= set(reference.countries())
        assert row["source"]
