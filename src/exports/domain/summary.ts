/** A figure with its change since the period before, as text; `better`: whether the change is a good one. */
export interface KeyFigure {
  readonly label: string;
  readonly value: string;
  readonly change?: string;
  readonly better?: boolean | null;
}

/** A title of a chart or table may be empty: it then stands under the heading before it. */
export interface LineChart {
  readonly kind: 'line';
  readonly title: string;
  readonly unit: 'ratio' | 'count' | 'ms' | 'number';
  /** Labels of the x axis, one per point. */
  readonly labels: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

export interface PieChart {
  readonly kind: 'pie';
  readonly title: string;
  readonly parts: readonly { readonly name: string; readonly value: number; readonly colour: string }[];
}

export interface BarChart {
  readonly kind: 'bar';
  readonly title: string;
  readonly unit: LineChart['unit'];
  readonly bars: readonly { readonly name: string; readonly value: number }[];
}

export type Chart = LineChart | PieChart | BarChart;

export interface SummaryTable {
  readonly title: string;
  readonly columns: readonly { readonly title: string; readonly isNumber: boolean; readonly wide?: boolean }[];
  readonly rows: readonly (readonly string[])[];
  /** What was left out, where something was. */
  readonly note?: string;
}

/** A part of a document under a heading of its own. */
export interface Section {
  readonly title: string;
  readonly texts: readonly string[];
  readonly figures: readonly KeyFigure[];
  readonly charts: readonly Chart[];
  readonly tables: readonly SummaryTable[];
}

/** What a document says before its table of rows. */
export interface Summary {
  readonly title: string;
  readonly figures: readonly KeyFigure[];
  readonly charts: readonly Chart[];
  /** Sentences on what was found. */
  readonly findings: readonly string[];
  readonly tables: readonly SummaryTable[];
  readonly sections?: readonly Section[];
  /** Position in the commit log. */
  readonly asOf?: number;
  /** Whether the rows of the source follow. */
  readonly withRows: boolean;
  /** Where the whole is to be found: a path of the API. */
  readonly href?: string;
}
