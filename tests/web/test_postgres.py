"""The ledger of runs in a real PostgreSQL server: values come back as they went, refusals are told in three lines."""

import database
import pytest

from khanij.core.errors import StudyError
from khanij.jobs.ledger import RunLedger
from khanij.jobs.postgres import PostgresConnection, Proof, is_address


def test_values_come_back_as_they_went(postgres):
    base = PostgresConnection(postgres)
    given = ("word's ? खनिज\n", bytes(range(256)), 0.1 + 0.2, 2**40, None)
    line = "SELECT ?::text, ?::bytea, ?::float8, ?::int8, ?::text, true"
    assert base.execute(line, given) == [(*given, True)]
    assert base.execute("SELECT 1 WHERE false") == []
    big = b"x" * 3_000_000
    assert base.execute("SELECT ?::bytea", (big,)) == [(big,)]
    base.close()


def test_what_the_server_refuses_is_told_and_the_connection_goes_on(postgres):
    base = PostgresConnection(postgres)
    with pytest.raises(StudyError, match="does not exist"):
        base.execute("SELECT * FROM nothing_there")
    assert base.execute("SELECT 2") == [(2,)]
    base.close()


def test_a_wrong_password_and_an_absent_server_show_no_password(postgres):
    for wrong in (postgres.replace(database.SHOWN, "secret"), "postgresql://khanij:secret@127.0.0.1:1/x"):
        with pytest.raises(StudyError) as refused:
            PostgresConnection(wrong)
        assert "secret" not in "\n".join(refused.value.lines())
    with pytest.raises(StudyError, match="no address"):
        PostgresConnection("postgresql:///x")


def test_a_connection_that_ended_is_made_again(postgres):
    base, other = PostgresConnection(postgres), PostgresConnection(postgres)
    ((pid,),) = base.execute("SELECT pg_backend_pid()")
    other.execute("SELECT pg_terminate_backend(?::int4)", (pid,))
    assert base.execute("SELECT 3") == [(3,)]
    base.close()
    other.close()


def test_two_that_take_get_different_entries(postgres):
    one, two = RunLedger(postgres), RunLedger(postgres)
    for key in "ab":
        one.add(key, "risk", "focus=X", "khanij risk X")
    assert {one.take().key, two.take().key} == {"a", "b"}
    assert one.take() is None
    one.finish("a", b"\x00result")
    assert two.result("a") == b"\x00result"
    one.close()
    two.close()


def test_the_proof_is_that_of_the_standard():
    proof = Proof("user", "pencil")  # the example of RFC 7677
    proof.mine, proof.bare = "rOprNGfwEbeRWgbNEkqO", "n=user,r=rOprNGfwEbeRWgbNEkqO"
    told = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    assert proof.last(told).endswith(b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    proof.check(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    with pytest.raises(OSError, match="does not know"):
        proof.check(b"v=AAAA")


def test_only_its_own_addresses_are_taken_for_one():
    assert is_address("postgresql://a@b/c")
    assert not is_address("/a/folder")
    assert not is_address(None)
