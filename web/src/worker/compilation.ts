/**
 * WebAssembly that other code compiles by itself. A compiled module can be told to another thread, which then runs the code that the
 * first one has optimised by now.
 */

type Instantiated = WebAssembly.WebAssemblyInstantiatedSource;
type Imports = WebAssembly.Imports | undefined;

/**
 * As long as `work` goes on, what it compiles is seen, or has been compiled already: `given`. Gives the last module of those that
 * came with an instance; undefined where there was none.
 */
export async function compiling(
  work: () => Promise<void>,
  given?: WebAssembly.Module,
): Promise<WebAssembly.Module | undefined> {
  const { instantiate, instantiateStreaming } = WebAssembly;
  let seen: WebAssembly.Module | undefined;
  const see = async (made: Promise<Instantiated>): Promise<Instantiated> => {
    const { module, instance } = await made;
    seen = module;
    return { module, instance };
  };
  const again = async (module: WebAssembly.Module, imports: Imports): Promise<Instantiated> => ({
    module,
    instance: await instantiate(module, imports),
  });
  const streaming: typeof instantiateStreaming = (source, imports) =>
    see(given ? again(given, imports) : instantiateStreaming(source, imports));
  const whole = (source: BufferSource | WebAssembly.Module, imports: Imports) =>
    source instanceof WebAssembly.Module
      ? instantiate(source, imports)
      : see(given ? again(given, imports) : instantiate(source, imports));
  Object.assign(WebAssembly, { instantiate: whole, instantiateStreaming: streaming });
  try {
    await work();
  } finally {
    Object.assign(WebAssembly, { instantiate, instantiateStreaming });
  }
  return seen;
}
