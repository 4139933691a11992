"""Makes small_areas.json anew: the milk data under samplics' Fay-Herriot model. Run in an environment of its own:

python -m venv /tmp/oracle && /tmp/oracle/bin/pip install samplics && /tmp/oracle/bin/python small_areas_reference.py
"""

import json
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from samplics.sae import EblupAreaModel
from samplics.utils.types import FitMethod

HERE = Path(__file__).parent
milk = pd.read_csv(HERE / "data" / "milk.csv")
major = pd.get_dummies(milk["major_area"], drop_first=True).astype(float)
model = EblupAreaModel(method=FitMethod.reml)
model.fit(yhat=milk["direct"], X=major, area=milk.index, error_std=milk["se"], intercept=True, tol=1e-10)
model.predict(X=major, area=milk.index, intercept=True)
made = {
    "made_by": f"samplics {version('samplics')}",
    "coefficients": [float(one) for one in model.fixed_effects],
    "variance": float(model.re_std**2),
    "estimate": [float(model.area_est[area]) for area in model.area_est],
    "mse": [float(model.area_mse[area]) for area in model.area_mse],
}
(HERE / "small_areas.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
