"""A llama-server beside ours, for benchmarks. Standard library only."""
import contextlib
import http.client
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/flow"))
from harness import wait_for  # noqa: E402

MODEL = ".cache/sekisho/models/cc324af0*.gguf"


def default_model():
    return next(pathlib.Path.home().glob(MODEL))


@contextlib.contextmanager
def running(program, port, *options):
    """It answers on `port` of this machine, with the default model on two threads, until the end of the block."""
    process = subprocess.Popen([program, "-m", str(default_model()), "--port", str(port), "--host", "127.0.0.1", "-t", "2", "--no-webui", *options],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def is_up():
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/health")
            return connection.getresponse().status == 200

    try:
        wait_for(is_up, 120, lambda: process.poll() is not None and "llama-server ended")
        yield
    finally:
        process.kill()
        process.wait()
