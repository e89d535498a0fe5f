"""What the doctor says of an Asterisk that is not quite as it should be."""

from callcenter.cli.doctor.asterisk import nameable


def test_endpoints_that_a_forwarding_phone_could_name_are_told() -> None:
    known = [{"resource": name} for name in ("op-malee@k3f7w2xa", "trunk@k3f7w2xa")]
    assert list(nameable(known, "k3f7w2xa")) == []
    (finding,) = nameable([*known, {"resource": "trunk"}, {"resource": "pstn@else"}], "k3f7w2xa")
    assert "pstn@else, trunk called" in finding.what
    assert "@k3f7w2xa" in finding.advice
