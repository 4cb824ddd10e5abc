"""Runs in both Pythons, CPython and Pyodide, on the built wheel: `report()` must give the same JSON in each."""

from __future__ import annotations

import importlib
import json
import pkgutil
from dataclasses import asdict

import py_engine

# They need what only a browser or only a native machine has.
ELSEWHERE = {"py_engine.__main__", "py_engine.runtime.browser", "py_engine.runtime.bridge", "py_engine.runtime.native"}
TEXTS = (
    "今天天气真好。",
    "老虎和小狗都很可爱，一共三百二十五只！",
    "2024年5月1日，气温是-3.5℃，银行行长还了钱。",
    "你好😀world，㐂。",
)


def module_names() -> list[str]:
    found = (module.name for module in pkgutil.walk_packages(py_engine.__path__, "py_engine."))
    return sorted(set(found) - ELSEWHERE)


def report() -> str:
    names = module_names()
    for name in names:
        importlib.import_module(name)
    analyse = importlib.import_module("py_engine.text").analyse
    analyses = {text: asdict(analyse(text)) for text in TEXTS}
    return json.dumps({"modules": names, "analyses": analyses}, ensure_ascii=False, default=str)


if __name__ == "__main__":
    print(report())
