import io

from rich.console import Console

from talentpulse.stack.progress import Progress


def lines(act):
    out = io.StringIO()
    with Progress(Console(file=out, width=40)) as progress:
        act(progress)
    return out.getvalue().splitlines()


def test_without_a_terminal_each_step_is_a_plain_timed_line():
    def act(progress):
        progress.start("kafka", "starting")
        progress.done("kafka", "the controller answers; topic job.postings.v1 is there")

    begun, ended = lines(act)
    assert begun == "kafka      ...       0.0 s  starting"
    assert ended == "kafka      ok        0.0 s  the controller answers; topic job.postings.v1 is there"


def test_without_a_terminal_a_chatty_step_prints_little():
    def act(progress):
        progress.start("trino", "starting")
        for n in range(100):
            progress.say("trino", f"{n} of 100")

    assert len(lines(act)) == 1


def test_on_a_terminal_the_table_shows_every_step():
    out = io.StringIO()
    with Progress(Console(file=out, force_terminal=True, width=80)) as progress:
        progress.start("kafka", "starting")
        progress.start("trino", "starting")
        progress.fail("trino", "port taken")
    assert "kafka" in out.getvalue()
    assert "✗" in out.getvalue()
