"""Making, keeping and mending environments, with real interpreters and a real pip."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from python_worker.environment import places
from python_worker.environment.imports import broken

from .conftest import NO_INTERNET, Installer, logged, make_wheel, told


def test_wheels_in_a_folder_are_enough_and_each_step_is_told(installer: Installer) -> None:
    *lines, result = installer.run("base", environment=installer.folder_of_wheels)
    statuses = [line["status"] for line in lines if "status" in line]
    assert statuses == ["1 of 2: base", "1 of 2: base, tinybase", "2 of 2: base"]
    assert installer.imports(result, "tinybase")
    assert result["trouble"] is None


def test_what_is_there_is_used_without_a_network_also_after_our_own_code_changed(built: Installer) -> None:
    (built.package / "python_worker" / "__init__.py").write_text('__version__ = "9.9"\n')
    lines = built.run("base")
    assert len(lines) == 1
    assert lines[0]["trouble"] is None
    assert built.imports(lines[0], "tinybase")


def test_two_at_once_make_one_environment(installer: Installer) -> None:
    both = [installer.start("base", environment=installer.folder_of_wheels) for _ in range(2)]
    outputs = [told(process) for process in both]
    assert sum(logged(lines, "installing base") for lines in outputs) == 1
    assert [lines[-1]["trouble"] for lines in outputs] == [None, None]
    assert outputs[0][-1] == outputs[1][-1]
    assert len(list(installer.root.glob("env-*"))) == 1


def test_a_damaged_environment_is_made_anew_beside_it_and_goes_only_later(built: Installer) -> None:
    (module,) = built.root.glob("env-base-*/lib/python*/site-packages/tinybase/__init__.py")
    module.unlink()
    lines = built.run("base", environment=built.folder_of_wheels)
    assert logged(lines, "is damaged: tinybase cannot be imported")
    assert lines[-1]["trouble"] is None
    assert built.imports(lines[-1], "tinybase")
    assert len(list(built.root.glob("env-base-*.old-*"))) == 1
    (removed,) = built.run("--tidy", "base")
    assert len(removed["removed"]) == 1
    assert len(list(built.root.glob("env-*"))) == 1
    assert built.imports(lines[-1], "tinybase")


def test_an_environment_in_which_the_worker_does_not_start_is_made_anew_where_a_file_is_cut_off(
    built: Installer,
) -> None:
    (module,) = built.root.glob("env-base-*/lib/python*/site-packages/tinybase/__init__.py")
    module.write_text("")
    lines = built.run("--suspect", "base", environment=built.folder_of_wheels)
    assert logged(lines, "is damaged: files are missing or cut off")
    assert lines[-1]["trouble"] is None
    assert module.read_text() == "VALUE = 1\n"


def test_a_damaged_environment_is_still_tried_where_it_cannot_be_made_anew(built: Installer) -> None:
    (module,) = built.root.glob("env-base-*/lib/python*/site-packages/tinybase/__init__.py")
    module.write_text("")
    lines = built.run("base")
    assert lines[-1]["trouble"] is None, "another size alone is no damage"
    module.write_text("import gone\n")
    *_, result = built.run("base")
    assert result["trouble"]["status"] == "not in the folder: tinybase 1.0"
    assert Path(result["python"]).exists()
    assert module.exists()


def test_the_environment_of_an_earlier_lock_serves_until_that_of_the_new_one_is_there(built: Installer) -> None:
    built.lock("base", make_wheel(built.wheels, "tinybase", "VALUE = 3\n", "2.0"))
    *_, before = built.run("base")
    assert before["trouble"]["status"] == "not in the folder: tinybase 2.0"
    assert built.imports(before, "tinybase")
    *_, after = built.run("base", environment=built.folder_of_wheels)
    assert after["trouble"] is None
    assert after["python"] != before["python"]
    assert Path(before["python"]).exists()
    built.run("--tidy", "base")
    assert not Path(before["python"]).exists()
    assert built.imports(after, "tinybase")


def test_an_extra_lies_beside_the_base_and_its_failure_leaves_the_base_alone(built: Installer) -> None:
    *_, failed = built.run("embedded")
    assert failed == {"trouble": {**failed["trouble"], "status": "not in the folder: tinyextra 1.0"}}
    *_, base = built.run("base")
    assert base["trouble"] is None
    assert not built.imports(base, "tinyextra")
    *lines, result = built.run("embedded", environment=built.folder_of_wheels)
    assert [line["status"] for line in lines if "status" in line][-1] == "2 of 2: engine"
    assert result["packages"] == base["packages"], "a worker that runs finds it where it looks already"
    assert built.imports(base, "tinyextra")


def test_a_damaged_extra_counts_as_missing_and_comes_back_where_it_cannot_be_replaced(built: Installer) -> None:
    *_, result = built.run("embedded", environment=built.folder_of_wheels)
    module = Path(result["packages"][0], "tinyextra", "__init__.py")
    module.write_text("import gone\n")
    *_, base = built.run("base")
    assert base["trouble"] is None
    assert not module.exists()
    *_, without_internet = built.run("embedded")
    assert without_internet["trouble"]["status"] == "not in the folder: tinyextra 1.0"
    assert module.exists(), "it is tried all the same"
    built.run("embedded", environment=built.folder_of_wheels)
    assert built.imports(base, "tinyextra")


def test_an_extra_of_an_earlier_lock_serves_until_it_is_replaced(built: Installer) -> None:
    *_, old = built.run("embedded", environment=built.folder_of_wheels)
    built.lock("embedded", make_wheel(built.wheels, "tinyextra", "VALUE = 3\n", "2.0"))
    *_, upgraded = built.run("base")
    assert upgraded["outdated"] == ["embedded"]
    assert built.imports(upgraded, "tinyextra")
    built.run("--tidy", "base")
    assert Path(old["packages"][0]).exists()
    *_, new = built.run("embedded", environment=built.folder_of_wheels)
    assert new["outdated"] == []
    built.run("--tidy", "base")
    assert not Path(old["packages"][0]).exists()


def test_what_the_engine_keeps_beside_its_packages_is_no_damage_and_goes_with_them(built: Installer) -> None:
    *_, old = built.run("embedded", environment=built.folder_of_wheels)
    kept = Path(old["packages"][0], "openvino-cache")
    kept.mkdir()
    (kept / "1.blob").write_bytes(b"compiled")
    (kept / "1.blob").chmod(0o440)
    for lock in ("base", "embedded"):
        lines = built.run("--suspect", lock)
        assert not logged(lines, "damaged")
        assert lines[-1]["trouble"] is None
    assert (kept / "1.blob").exists()
    built.lock("embedded", make_wheel(built.wheels, "tinyextra", "VALUE = 3\n", "2.0"))
    built.run("embedded", environment=built.folder_of_wheels)
    built.run("--tidy", "base")
    assert not kept.parent.exists()


def test_an_installation_ends_with_node_red_and_is_gone_on_with(installer: Installer, tmp_path: Path) -> None:
    # A pipe that nobody writes to: pip waits in it for ever.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = installer.start("base", environment={**NO_INTERNET, "PIP_REQUIREMENT": str(pipe)})
    assert process.stdout is not None
    assert process.stdin is not None
    (made,) = _until(lambda: list(installer.root.glob("env-base-*.new/temporary/pip.log")))
    stamp = made.parents[1] / "made"
    before = stamp.stat().st_mtime_ns
    process.stdin.close()
    assert process.wait(60) == 3
    process.stdout.close()
    *_, result = installer.run("base", environment=installer.folder_of_wheels)
    assert result["trouble"] is None
    assert Path(result["python"]).parents[1].joinpath("made").stat().st_mtime_ns == before


def test_environments_that_nobody_used_for_30_days_go_but_none_that_is_in_use(built: Installer) -> None:
    (mine,) = built.root.glob("env-base-*")
    names = ["env-base-3.9-0123456789ab", "env-base-3.9-123456789abc", "env-base-3.9-23456789abcd"]
    old, used, recent = (built.root / name for name in names)
    long_ago = time.time() - (places.UNUSED_DAYS + 1) * 86_400
    for folder in (old, used, recent):
        folder.mkdir()
        (folder / "complete.json").write_text('{"lock": "base", "python": "another"}')
        (folder / "used").touch()
    for folder in (old, used):
        os.utime(folder / "used", (long_ago, long_ago))
    script = (
        f"import sys; sys.path.insert(0, {str(built.package)!r}); from pathlib import Path;"
        f"from python_worker.environment.places import keep; keep(Path({str(used)!r}));"
        "print('kept', flush=True); input()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1, text=True) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == "kept\n"
        os.utime(used / "used", (long_ago, long_ago))
        assert built.run("--tidy", "base") == [{"removed": [old.name]}]
        assert {path.name for path in built.root.glob("env-*")} == {mine.name, used.name, recent.name}
        user.communicate("\n")
    assert built.run("--tidy", "base") == [{"removed": [used.name]}]


@pytest.mark.parametrize(
    "code",
    ["import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "raise MemoryError", "while True: pass"],
    ids=["killed", "out of memory", "too slow"],
)
def test_a_check_that_cannot_be_finished_is_no_verdict(tmp_path: Path, code: str) -> None:
    (tmp_path / "hurt.py").write_text(code)
    assert broken(Path(sys.executable), ["hurt"], [tmp_path], seconds=2) is None


def test_a_check_says_what_cannot_be_imported(tmp_path: Path) -> None:
    (tmp_path / "hurt.py").write_text("import gone")
    reason = broken(Path(sys.executable), ["json", "hurt"], [tmp_path])
    assert reason == "hurt cannot be imported: No module named 'gone'"


def _until(look: object) -> list[Path]:
    for _ in range(1200):
        found: list[Path] = look()  # type: ignore[operator]
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("nothing came")
