import { init, type EChartsOption } from 'echarts';
import { figureText } from '../domain/figure-text.js';
import type { BarChart, Chart, LineChart, PieChart } from '../domain/summary.js';

const FONT = 'Roboto';
const TEXT = '#404040';
const GRID = '#e6e6e6';
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7f7f7f'];
/** The PDF's SVG reader paints the border of a text over the text. */
const NO_BORDER = { textBorderWidth: 0, textBorderColor: 'transparent' } as const;
const textStyle = { fontFamily: FONT, color: TEXT, fontSize: 10, ...NO_BORDER };

const axisText = { ...textStyle, fontSize: 9 };

const lineOptions = ({ labels, series, unit }: LineChart): EChartsOption => {
  const many = series.length > 1;
  return {
    grid: { left: 52, right: 14, top: many ? 30 : 12, bottom: 26 },
    ...(many
      ? { legend: { top: 0, left: 0, icon: 'roundRect', itemHeight: 3, itemWidth: 14, textStyle: axisText } }
      : {}),
    xAxis: {
      type: 'category',
      data: [...labels],
      axisLabel: { ...axisText, hideOverlap: true },
      axisLine: { lineStyle: { color: GRID } },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'value',
      scale: true,
      ...(unit === 'ratio' ? { max: 1 } : { min: 0 }),
      ...wholeSteps(unit),
      splitNumber: 4,
      axisLabel: { ...axisText, formatter: (value: number) => axisNumber(value, unit) },
      splitLine: { lineStyle: { color: GRID } },
    },
    series: series.map(({ name, values }, i) => ({
      type: 'line',
      name,
      data: [...values],
      showSymbol: values.length <= 40,
      symbolSize: 4,
      lineStyle: { width: 2, color: COLOURS[i % COLOURS.length]! },
      itemStyle: { color: COLOURS[i % COLOURS.length]! },
    })),
  };
};

/** Half a thing is none: steps between whole numbers would read as the same number twice. */
const wholeSteps = (unit: LineChart['unit']): { minInterval?: number } => (unit === 'count' ? { minInterval: 1 } : {});

/** On an axis the steps are even, so that a decimal is rarely needed. */
const axisNumber = (value: number, unit: LineChart['unit']): string => {
  if (unit !== 'ratio') return figureText(value, unit);
  const percent = Math.round(value * 1000) / 10;
  return `${percent} %`;
};

const pieOptions = ({ parts }: PieChart): EChartsOption => {
  const total = parts.reduce((sum, { value }) => sum + value, 0);
  return {
    series: [
      {
        type: 'pie',
        radius: ['42%', '68%'],
        center: ['50%', '52%'],
        startAngle: 90,
        minAngle: 3,
        data: parts.map(({ name, value, colour }) => ({
          name: `${name} ${figureText(total > 0 ? value / total : null, 'ratio')}`,
          value,
          itemStyle: { color: colour, borderColor: '#ffffff', borderWidth: 1 },
        })),
        label: { ...textStyle, fontSize: 9, formatter: '{b}' },
        labelLine: { length: 8, length2: 6, lineStyle: { color: '#b0b0b0' } },
      },
    ],
  };
};

const barOptions = ({ bars, unit }: BarChart): EChartsOption => ({
  grid: { left: 150, right: 50, top: 4, bottom: 20 },
  xAxis: {
    type: 'value',
    min: 0,
    ...wholeSteps(unit),
    axisLabel: { ...axisText, formatter: (value: number) => axisNumber(value, unit) },
  },
  yAxis: {
    type: 'category',
    inverse: true,
    data: bars.map(({ name }) => (name.length > 26 ? `${name.slice(0, 25)}…` : name)),
    axisLabel: axisText,
    axisTick: { show: false },
  },
  series: [
    {
      type: 'bar',
      data: bars.map(({ value }) => value),
      itemStyle: { color: COLOURS[0]! },
      barMaxWidth: 14,
      label: {
        show: true,
        position: 'right',
        ...axisText,
        formatter: ({ value }: { value?: unknown }) => figureText(Number(value), unit),
      },
    },
  ],
});

const optionsOf = (chart: Chart): EChartsOption => {
  if (chart.kind === 'line') return lineOptions(chart);
  return chart.kind === 'pie' ? pieOptions(chart) : barOptions(chart);
};

/** A chart as SVG, drawn without a browser. */
export const drawChart = (chart: Chart, width: number, height: number): string => {
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    drawing.setOption({ animation: false, color: COLOURS, textStyle, backgroundColor: '#ffffff', ...optionsOf(chart) });
    return drawing.renderToSVGString();
  } finally {
    drawing.dispose();
  }
};
