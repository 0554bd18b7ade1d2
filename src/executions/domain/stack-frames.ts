/** How many of the project's own frames make the place of a failure. */
const FRAMES = 3;
const LINE_CHARACTERS = 1_000;
const LINES = 500;

/** Frames of runtimes, test runners and installed packages: they say how the test was run, not what failed. */
const FOREIGN = [
  /[\\/]node_modules[\\/]/,
  /\bnode:/,
  /\(internal\//,
  /<anonymous>\)?$/,
  /\b(?:site|dist)-packages\b/,
  /[\\/]lib[\\/]python\d/,
  /<frozen /,
  /\b_pytest\b|\bpluggy\b/,
  /^(?:java|javax|jakarta|jdk|sun|kotlin|kotlinx|scala|groovy)\./,
  /^com\.sun\./,
  /^org\.(?:junit|testng|gradle|apache\.maven|codehaus|hamcrest|assertj|mockito|opentest4j|springframework|hibernate)\./,
  /^(?:java\.base|java\.[a-z]+|app\/\/java)[@/]/,
  /^(?:System|Microsoft|NUnit|Xunit|MSTest)\./i,
  /[\\/](?:usr[\\/]local[\\/]go|go[\\/]pkg[\\/]mod|goroot)[\\/]/i,
  /^(?:testing|runtime|reflect)\.[\w(]/,
  /[\\/]gems[\\/]/,
  /[\\/]vendor[\\/]/,
];

interface Frame {
  readonly place: string;
  readonly call: string;
}

const PYTHON = /^File "([^"]{1,500})", line \d+(?:, in (.{1,200}))?$/;
const JS_CALL = /^at (?:async )?(.{1,300}?) \((.{1,600}?)(?::\d+){1,2}\)$/;
const JS_PLACE = /^at (?:async )?([^\s()]{1,600}?)(?::\d+){1,2}$/;
const DOTNET = /^at (.{1,300}?)\([^)]{0,500}\)(?: in (.{1,500}?):line \d+)?$/;
const JAVA = /^at ((?:[\w.$@-]{1,100}\/{1,2})?[\w.$<>/-]{1,300})\(([^()]{0,200})\)(?: ~?\[.{0,200}\])?$/;
const PLACE_FIRST =
  /^([^\s:]{1,500}\.[A-Za-z]{1,6}):\d+(?::\d+)?(?:: ?(?:in [`']?(.{1,200}?)'?|.{0,200})| \+0x[0-9a-f]+)?$/;

const parseFrame = (line: string): Frame | undefined => {
  const java = JAVA.exec(line);
  if (java && /^(?:[\w$]+\.(?:java|kt|scala|groovy)(?::\d+)?|Native Method|Unknown Source)$/.test(java[2] ?? ''))
    return { place: '', call: (java[1] ?? '').replace(/^.*\//, '') };
  const call = JS_CALL.exec(line);
  if (call) return { place: call[2] ?? '', call: call[1] ?? '' };
  const place = JS_PLACE.exec(line);
  if (place) return { place: place[1] ?? '', call: '' };
  const dotnet = DOTNET.exec(line);
  if (dotnet) return { place: dotnet[2] ?? '', call: dotnet[1] ?? '' };
  const python = PYTHON.exec(line);
  if (python) return { place: python[1] ?? '', call: python[2] ?? '' };
  const first = PLACE_FIRST.exec(line);
  return first ? { place: first[1] ?? '', call: first[2] ?? '' } : undefined;
};

const isForeign = (frame: Frame, line: string): boolean =>
  FOREIGN.some((pattern) => pattern.test(frame.call) || pattern.test(frame.place) || pattern.test(line));

/** The checkout folder differs from machine to machine, the end of the path does not. */
const endOfPath = (place: string): string =>
  place
    .replace(/^file:\/\//, '')
    .split(/[\\/]/)
    .slice(-2)
    .join('/');

/** Generated parts of a name: lambdas, proxies, closures, object addresses. */
const plainCall = (call: string): string =>
  call
    .replace(/^(?:new|async|Object\.|Proxy\.) ?/, '')
    .replace(/\$\$?\w*(?:Lambda|CGLIB|ByteBuddy)\w*.*$/i, '')
    .replace(/\d+/g, '#');

/**
 * The first frames of a stack that lie in the project's own code, as `folder/file call` without line numbers; [] where
 * the text holds none. Knows JavaScript, Java, Python, .NET, Go and Ruby.
 */
export const projectFrames = (stack: string): string[] => {
  const frames: string[] = [];
  for (const raw of stack.split('\n', LINES)) {
    if (raw.length > LINE_CHARACTERS) continue;
    const line = raw.trim();
    const frame = parseFrame(line);
    if (frame === undefined || isForeign(frame, line)) continue;
    frames.push(`${endOfPath(frame.place)} ${plainCall(frame.call)}`.trim());
    if (frames.length === FRAMES) break;
  }
  return frames;
};
