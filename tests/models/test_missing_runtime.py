"""A machine without the OpenMP runtime is told what to install."""

import subprocess
import sys

WITHOUT_OPENMP = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "lightgbm":
            raise OSError("libgomp.so.1: cannot open shared object file")

sys.meta_path.insert(0, Missing())
import targeting.project.loading
try:
    import targeting.models.estimator
except Exception as error:
    print(type(error).__name__, error)
"""


def test_without_openmp_the_message_names_the_package_and_declarations_still_load() -> None:
    printed = subprocess.run([sys.executable, "-c", WITHOUT_OPENMP], capture_output=True, text=True, check=True)
    assert printed.stdout.startswith("TargetingError LightGBM cannot be loaded")
    assert "libgomp1" in printed.stdout
