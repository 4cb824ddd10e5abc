// `node library.mjs LIBRARY WHEEL...`: imports every module of the built archives in Pyodide. Prints one JSON object: how many
// were imported, and for each that could not be, why.
import { loadPyodide } from "pyodide";
import { install } from "./wheels.mjs";

const [library, ...wheels] = process.argv.slice(2);
const pyodide = await loadPyodide({ stdLibURL: library });
for (const wheel of wheels) await install(pyodide, wheel);
pyodide.registerJsModule("qingsheng_host", {});
const report = pyodide.runPython(`
import importlib, io, json, pathlib, sys, warnings, zipfile

def modules(names):
    for name in names:
        if name.endswith((".py", ".pyc")) and "__pycache__" not in name and "__main__" not in name:
            yield name.rpartition(".")[0].removesuffix("/__init__").replace("/", ".")

site = pathlib.Path(next(path for path in sys.path if path.endswith("site-packages")))
archive = next(path for path in sys.path if path.endswith(".zip"))
found = {*modules(zipfile.ZipFile(archive).namelist())}
found |= {*modules(path.relative_to(site).as_posix() for path in site.rglob("*.py*"))}
warnings.simplefilter("ignore")
# What imports modules of other systems, or of builds of NumPy that this is not, fails with the complete library too.
done, failed = [], {}
for name in sorted(found - {"this", "antigravity"}):
    try:
        importlib.import_module(name)
        done.append(name)
    except Exception as error:
        failed[name] = [type(error).__name__, getattr(error, "name", None) or "", str(error)]
json.dumps({"done": done, "failed": failed})
`);
console.log(report);
process.exit(0);
