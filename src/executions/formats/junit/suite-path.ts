/** Names that tools give to the outermost suite whatever it holds. */
const SAYS_NOTHING =
  /^(?:pytest|root suite|mocha tests|jest tests|undefined|\(root\)|junit(?:xml)?|.*[\\/]phpunit\.xml(?:\.dist)?)$/i;

export const saysNothing = (name: string): boolean => SAYS_NOTHING.test(name);

const segments = (name: string): string => name.replace(/[./\\:>$]+/g, '/').toLowerCase();

/** Whether one is the beginning or the end of the other, at a boundary: `CartTest` and `com.shop.CartTest`. */
const areRelated = (a: string, b: string): boolean => {
  const [short, long] = a.length <= b.length ? [segments(a), segments(b)] : [segments(b), segments(a)];
  return short === long || long.startsWith(`${short}/`) || long.endsWith(`/${short}`);
};

/**
 * The suite path of a test: the names of its suites, then its class where that says more.
 * - surefire, Gradle: the suite is the class; a nested class or a full name takes the place of the short one.
 * - pytest: one suite `pytest`, the class is the module.
 * - jest-junit, mocha: the class repeats the title, so it is left out.
 * - go-junit-report: the class is the end of the package path.
 */
export const suitePathOf = (suites: readonly string[], className: string | undefined, testName: string): string => {
  const path = suites.map((name) => name.trim()).filter((name) => name !== '' && !saysNothing(name));
  const own = className?.trim() ?? '';
  if (own === '' || own === testName || testName.endsWith(` ${own}`)) return path.join('/');
  const last = path.at(-1);
  if (last === undefined) return own;
  if (areRelated(path.join('/'), own) && path.join('/').length >= own.length) return path.join('/');
  if (areRelated(last, own)) return [...path.slice(0, -1), own.length > last.length ? own : last].join('/');
  return [...path, own].join('/');
};
