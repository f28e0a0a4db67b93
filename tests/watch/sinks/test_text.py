import io

from tests.watch.conftest import alert, hostile

from sekisho.watch.sinks.text import Text


def test_it_fits_in_80_columns_and_names_the_first_connections() -> None:
    stream = io.BytesIO()
    sink = Text(stream)
    sink.deliver(sink.render(alert(9)))
    lines = stream.getvalue().decode().splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "2020-06-11T03:04:05Z high grown A-0123456789ab"
    assert lines[-2] == "    and 4 more"
    assert any(line.startswith("    10.40.2.5 -> 10.1.0.3 : smb") for line in lines)


def test_no_terminal_obeys_what_came_with_records() -> None:
    text = Text(io.BytesIO()).render(hostile()).body.decode()
    assert all(c == "\n" or c.isprintable() for c in text)
