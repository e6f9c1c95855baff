"""What MLflow loads when it serves a logged model: a thin reader of the bundle beside it, with no logic of its own.

MLflow copies this file with the model and runs it ("models from code"), so nothing is pickled.
"""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel

from targeting.models.bundle import read_bundle


class BundleModel(PythonModel):
    """Margins and probabilities of a frame whose columns are the indicators, NaN where unknown."""

    def load_context(self, context: Any) -> None:
        """Read and check the bundle."""
        self.bundle = read_bundle(Path(context.artifacts["bundle"]))

    def predict(self, model_input: pd.DataFrame) -> pd.DataFrame:
        """Return `margin` and `probability` of each row."""
        margin = self.bundle.margins(model_input[list(self.bundle.booster.names)].to_numpy(dtype="float64"))
        return pd.DataFrame({"margin": margin, "probability": self.bundle.probability(margin)})


mlflow.models.set_model(BundleModel())
