// Charts by Apache ECharts, from data that the page carries:
//   <div data-chart="ID" role="img" aria-label="…"></div> and a json_script of that ID:
//   { "x": ["08:00", …],
//     "axes": [{"name": "…", "whole": true, "percent": true, "max": 100}, …],       one or two
//     "series": [{"name": "…", "type": "bar" | "line" | "step" | "dots", "data": [1, null, …], "tone": "acc", "axis": 0, "stack": "s"}, …],
//     "bands": [{"from": 20, "to": 21, "name": "…"}, …],       places of x, both included
//     "marks": [{"value": 50, "name": "…", "axis": 0}, …],    level lines, a pass line
//     "cuts": [{"at": 5, "name": "…"}, …],                    upright lines after so many places of x
//     "sideways": true }                                      lying bars, a name of x each
// or a map: { "heat": {"x": […], "y": […], "data": [[x, y, value], …], "percent": true} }
// An axis with "seconds" is labelled as m:ss or h:mm:ss.
// tone: acc, pale, text, ok, warn, bad, off: the page's tokens. Light and dark, size and reduced motion are followed.
(() => {
  const TONES = {
    acc: "--acc", pale: "--acc-line", text: "--text-3", ok: "--ok-dot", warn: "--warn-dot", bad: "--bad-dot", off: "--off-dot",
  };
  const drawn = new Map();
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const tone = (name) => token(TONES[name] || TONES.acc);
  const text = (size) => ({ color: token("--text-2"), fontSize: size || 12, fontFamily: getComputedStyle(document.body).fontFamily });

  // Room above for the names of bands; whole numbers; up to one of the axis's own steps, so that the last two labels keep apart.
  const nice = (rough) => {
    const power = 10 ** Math.floor(Math.log10(rough)), part = rough / power;
    return power * (part < 1.5 ? 1 : part < 2.5 ? 2 : part < 4 ? 3 : part < 7 ? 5 : 10);
  };
  const roomy = (most, whole) => {
    if (most <= 0 || !Number.isFinite(most)) return 1;
    let top = most * 1.12;
    for (let i = 0; i < 2; i += 1) {
      const step = Math.max(nice(top / 5), whole ? 1 : 0);
      top = Math.ceil(top / step - 1e-9) * step;
    }
    return top;
  };

  const two = (number) => String(number).padStart(2, "0");
  const clock = (seconds) => {
    const whole = Math.round(seconds);
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  };
  const shown = (told) => (value) => {
    if (value === null || value === undefined) return "—";
    return told?.seconds ? clock(value) : told?.percent ? `${value}%` : value;
  };

  // Times are labelled in steps that clocks have.
  const STEPS = [10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 36000];
  const steps = (told, i) => {
    const most = Math.max(0, ...told.series.filter((one) => (one.axis || 0) === i).flatMap((one) => one.data.map((value) => value || 0)));
    const step = STEPS.find((one) => most / one <= 5) || STEPS.at(-1);
    return { interval: step, max: Math.max(step, Math.ceil(most / step) * step) };
  };

  const axis = (told, i, several) => ({
    type: "value", name: told.name || "", nameTextStyle: { ...text(), align: several && i ? "right" : "left" }, nameGap: 12,
    position: i ? "right" : "left", minInterval: told.whole ? 1 : 0, min: 0,
    max: told.max ?? ((range) => roomy(range.max, told.whole)),
    axisLabel: { ...text(), formatter: told.seconds ? clock : told.percent ? "{value}%" : "{value}" },
    splitLine: { show: !i, lineStyle: { color: token("--line-soft") } },
    alignTicks: false, ...told.steps,
  });

  const extras = (told, i) => {
    const of = (list) => (list || []).filter((one) => (one.axis || 0) === (told.series[i].axis || 0));
    const first = told.series.findIndex((one) => (one.axis || 0) === (told.series[i].axis || 0)) === i;
    const bands = i === 0 ? told.bands || [] : [];
    const marks = first ? of(told.marks) : [];
    return {
      markArea: bands.length ? {
        silent: true, itemStyle: { color: token("--off-soft") }, label: { ...text(), position: "insideTop" },
        data: bands.map((band) => [{ name: band.name, xAxis: told.x[band.from] }, { xAxis: told.x[band.to] }]),
      } : undefined,
      markLine: marks.length ? {
        silent: true, symbol: "none", lineStyle: { color: token("--text-3"), type: "dashed" },
        label: { ...text(), position: "insideEndTop", formatter: "{b}" },
        data: marks.map((mark) => ({ name: mark.name, yAxis: mark.value })),
      } : undefined,
    };
  };

  const series = (told, one, i) => ({
    name: one.name, type: { bar: "bar", dots: "scatter" }[one.type] || "line", data: one.data, yAxisIndex: one.axis || 0, stack: one.stack,
    step: one.type === "step" ? "middle" : false, symbol: "circle", symbolSize: 5, showSymbol: one.type === "line" && one.data.length < 40,
    color: tone(one.tone), lineStyle: { width: 2 }, barMaxWidth: 28, itemStyle: { borderRadius: one.type === "bar" && !one.stack ? [3, 3, 0, 0] : 0 },
    tooltip: { valueFormatter: shown((told.axes || [])[one.axis || 0]) }, connectNulls: false, z: one.type === "bar" ? 2 : 3, ...extras(told, i),
  });

  const ROWS = 4; // of names of upright lines, one above the other
  // Upright lines stand between two places: on a second, hidden axis that counts places.
  const cutLines = (told) => ({
    type: "line", data: [], xAxisIndex: 1, tooltip: { show: false }, silent: true,
    markLine: {
      silent: true, symbol: "none", lineStyle: { color: token("--warn-dot"), type: "dashed", width: 1.5 },
      data: told.cuts.map((cut, i) => ({
        xAxis: cut.at, name: cut.name, label: { ...text(11), position: "end", distance: 4 + 14 * (i % ROWS), formatter: "{b}" },
      })),
    },
  });

  const mapOption = (heat) => ({
    animation: false, textStyle: text(),
    grid: { left: 12, right: 12, top: 8, bottom: 48, containLabel: true },
    tooltip: {
      confine: true, backgroundColor: token("--surface"), borderColor: token("--line"), textStyle: { ...text(13), color: token("--text-1") },
      formatter: ({ value }) => `${heat.y[value[1]]} ${heat.x[value[0]]}<br><b>${shown(heat)(value[2])}</b>`,
    },
    xAxis: { type: "category", data: heat.x, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { ...text(), hideOverlap: true } },
    yAxis: { type: "category", data: heat.y, inverse: true, axisTick: { show: false }, axisLine: { show: false }, axisLabel: text() },
    visualMap: {
      type: "continuous", min: 0, max: heat.percent ? 100 : Math.max(1, ...heat.data.map((one) => one[2])), orient: "horizontal",
      left: "center", bottom: 0, itemWidth: 12, itemHeight: 120, textStyle: text(), text: heat.percent ? ["100%", "0%"] : undefined,
      inRange: { color: heat.percent ? [token("--bad-dot"), token("--warn-soft"), token("--ok-dot")] : [token("--sunken"), token("--acc")] },
    },
    series: [{
      type: "heatmap", data: heat.data, itemStyle: { borderColor: token("--surface"), borderWidth: 2, borderRadius: 4 },
      emphasis: { itemStyle: { borderColor: token("--text-1") } },
    }],
  });

  const option = (told) => (told.heat ? mapOption(told.heat) : told.sideways ? sideways(told) : {
    animation: !still.matches && !document.documentElement.classList.contains("paper"), animationDuration: 300,
    textStyle: text(),
    grid: { left: 12, right: 12, top: told.cuts ? 46 + 14 * Math.min(ROWS, told.cuts.length) : 52, bottom: 6, containLabel: true },
    legend: { top: 0, right: 8, itemWidth: 14, itemHeight: 8, textStyle: text() },
    tooltip: {
      trigger: "axis", confine: true, backgroundColor: token("--surface"), borderColor: token("--line"), textStyle: { ...text(13), color: token("--text-1") },
      axisPointer: { type: "shadow", shadowStyle: { color: token("--acc"), opacity: 0.06 } },
    },
    xAxis: [
      { type: "category", data: told.x, axisTick: { show: false }, axisLine: { lineStyle: { color: token("--line") } }, axisLabel: { ...text(), hideOverlap: true } },
      ...(told.cuts ? [{ type: "value", min: 0, max: told.x.length, show: false }] : []),
    ],
    yAxis: (told.axes || [{}]).map((one, i, all) => axis(one.seconds ? { ...one, steps: steps(told, i) } : one, i, all.length > 1)),
    series: [...told.series.map((one, i) => series(told, one, i)), ...(told.cuts ? [cutLines(told)] : [])],
  });

  // "sideways": bars lie, for names that would not stand beside each other; as high as there are names.
  const sideways = (told) => {
    const [value] = option({ ...told, sideways: false }).yAxis;
    return {
      ...option({ ...told, sideways: false }),
      grid: { left: 12, right: 24, top: 32, bottom: 6, containLabel: true },
      xAxis: { ...value, position: "bottom", name: "", splitLine: { show: true, lineStyle: { color: token("--line-soft") } } },
      yAxis: {
        type: "category", data: told.x, inverse: true, axisTick: { show: false }, axisLine: { lineStyle: { color: token("--line") } },
        axisLabel: { ...text(), interval: 0, width: 140, overflow: "truncate" },
      },
      series: told.series.map((one, i) => ({ ...series(told, one, i), yAxisIndex: 0, barMaxWidth: 18, itemStyle: { borderRadius: [0, 3, 3, 0] } })),
    };
  };

  const read = (place) => JSON.parse(document.getElementById(place.dataset.chart)?.textContent || "null");
  const resized = new ResizeObserver((entries) => entries.forEach((entry) => drawn.get(entry.target)?.resize()));

  // data-flush: from edge to edge, each place of x as wide as its share of the element, for what stands above on the same axis.
  const flush = (made) => {
    made.grid = { left: 0, right: 0, top: 40, bottom: 1 };
    [made.xAxis].flat()[0].axisLabel.show = false;
    made.yAxis.forEach(({ axisLabel }) => Object.assign(axisLabel, { inside: true, margin: 2, showMinLabel: false, verticalAlign: "top" }));
    made.series.forEach(({ markLine }) => { if (markLine) markLine.label.position = "insideMiddleTop"; });
    return made;
  };

  const draw = (place) => {
    const told = read(place);
    if (!told || typeof echarts === "undefined") return;
    const chart = drawn.get(place) || echarts.init(place, null, { renderer: "svg" });
    drawn.set(place, chart);
    if (told.sideways) place.style.height = `${Math.max(260, 60 + 28 * told.x.length)}px`;
    chart.resize();
    chart.setOption("flush" in place.dataset ? flush(option(told)) : option(told), { notMerge: true });
    resized.observe(place);
  };
  const drawAll = () => {
    drawn.forEach((chart, place) => {
      if (place.isConnected) return;
      resized.unobserve(place);
      chart.dispose();
      drawn.delete(place);
    });
    document.querySelectorAll("[data-chart]").forEach(draw);
  };
  const drawNew = () => {
    if ([...document.querySelectorAll("[data-chart]")].some((place) => !drawn.has(place))) drawAll();
  };

  document.addEventListener("htmx:afterSettle", drawNew);
  document.addEventListener("fenliu:theme", drawAll);
  still.addEventListener("change", drawAll);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", drawAll); else drawAll();
})();
