//! The curves of the growth as a picture: small panels with logarithmic axes, in SVG.
//!
//! Drawn here and by no library: of those that draw without fonts and images, plotters 0.3 writes fixed colours, and a
//! picture that is readable on a light and on a dark page needs classes. Equal figures give an equal file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::growth::{Cost, Curve, STEPS};
use crate::sample::Sample;

/// Draws the picture of the documentation anew; where it lies.
pub(crate) fn write(curves: &[Curve], local: &[(usize, Sample)], caption: &str) -> Result<PathBuf, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/internals/growth.svg");
    let written = std::fs::write(&path, draw(curves, local, caption));
    written
        .map(|()| path.clone())
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// One measure: a row of panels.
struct Measure {
    title: &'static str,
    unit: &'static str,
    of: fn(&Cost) -> &Sample,
    /// Whether it tells something of a resource without a provider.
    of_all: bool,
    /// Whether it may be in proportion to the jobs.
    may_grow: bool,
}

const MEASURES: [Measure; 4] = [
    Measure {
        title: "Time",
        unit: "seconds",
        of: |cost| &cost.wall,
        of_all: true,
        may_grow: true,
    },
    Measure {
        title: "Provider's CPU",
        unit: "seconds",
        of: |cost| &cost.provider,
        of_all: false,
        may_grow: true,
    },
    Measure {
        title: "Provider's memory",
        unit: "MiB at the peak",
        of: |cost| &cost.memory,
        of_all: false,
        may_grow: false,
    },
    Measure {
        title: "API calls",
        unit: "requests",
        of: |cost| &cost.calls,
        of_all: false,
        may_grow: true,
    },
];

/// Points of a line: jobs and value.
type Points = Vec<(f64, f64)>;

/// A logarithmic scale: the powers of ten at its ends.
#[derive(Clone, Copy)]
struct Scale {
    from: f64,
    to: f64,
}

impl Scale {
    /// From the whole power of ten below all values to the one above.
    fn around(values: impl Iterator<Item = f64>) -> Self {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| *value > 0.0) {
            (least, most) = (least.min(value), most.max(value));
        }
        if least > most {
            return Self { from: 0.0, to: 1.0 };
        }
        let from = least.log10().floor();
        let to = most.log10().ceil().max(from + 1.0);
        Self { from, to }
    }

    /// From one to a little above the most.
    fn up_to(most: usize) -> Self {
        Self {
            from: 0.0,
            to: (most as f64).log10().max(1.0) + 0.12,
        }
    }

    /// The whole powers of ten.
    fn powers(self) -> impl Iterator<Item = i32> {
        self.from.ceil() as i32..=self.to.floor() as i32
    }

    /// Where a value lies between the two ends, which are 0 and 1.
    fn place(self, value: f64) -> f64 {
        (value.log10() - self.from) / (self.to - self.from)
    }
}

/// A panel: the left upper corner and the two scales.
#[derive(Clone, Copy)]
struct Panel {
    left: f64,
    top: f64,
    across: Scale,
    up: Scale,
}

impl Panel {
    fn at(self, (jobs, value): (f64, f64)) -> (f64, f64) {
        (
            self.left + self.across.place(jobs) * WIDE,
            self.top + HIGH - self.up.place(value) * HIGH,
        )
    }
}

fn draw(curves: &[Curve], local: &[(usize, Sample)], caption: &str) -> String {
    let local: Points = points(local.iter().map(|(jobs, sample)| (*jobs, sample)));
    let jobs = curves.iter().flat_map(|curve| &curve.points);
    let across = Scale::up_to(jobs.map(|(jobs, _)| *jobs).max().unwrap_or(1));
    let mut svg = head(caption);
    legend(&mut svg, curves);
    for (row, measure) in MEASURES.iter().enumerate() {
        let lines = |step: usize| lines(curves, measure, step);
        let all = (0..STEPS.len()).flat_map(lines).flat_map(|(_, line)| line);
        let more = if row == 0 { local.clone() } else { Points::new() };
        let up = Scale::around(all.chain(more).map(|(_, value)| value));
        for (column, step) in STEPS.iter().enumerate() {
            let panel = Panel {
                left: LEFT + column as f64 * (WIDE + GAP),
                top: TOP + row as f64 * (HIGH + BELOW),
                across,
                up,
            };
            frame(&mut svg, panel, column == 0);
            if row == 0 {
                text(
                    &mut svg,
                    "step",
                    (panel.left + WIDE / 2.0, panel.top - 12.0),
                    step,
                );
            }
            if row == 0 && *step == "apply" {
                line(&mut svg, panel, "local", 0, &local);
            }
            proportion(&mut svg, panel, &lines(column), measure.may_grow);
            // This provider last, so that it lies above its peer.
            for (index, points) in lines(column).into_iter().rev() {
                line(&mut svg, panel, &format!("c{index}"), index, &points);
            }
        }
        title(&mut svg, measure, TOP + row as f64 * (HIGH + BELOW));
    }
    svg + "</svg>\n"
}

/// The lines of one panel, each with the number of its contender; zeros have no place on a logarithmic axis.
fn lines(curves: &[Curve], measure: &Measure, step: usize) -> Vec<(usize, Points)> {
    let told = curves
        .iter()
        .enumerate()
        .filter(|(_, curve)| measure.of_all || curve.has_a_process);
    told.map(|(index, curve)| {
        let samples = curve
            .points
            .iter()
            .map(|(jobs, costs)| (*jobs, (measure.of)(&costs[step])));
        (index, points(samples))
    })
    .collect()
}

fn points<'a>(samples: impl Iterator<Item = (usize, &'a Sample)>) -> Points {
    samples
        .filter_map(|(jobs, sample)| Some((jobs as f64, sample.median().filter(|value| *value > 0.0)?)))
        .collect()
}

fn head(caption: &str) -> String {
    let (width, height) = (
        LEFT + STEPS.len() as f64 * (WIDE + GAP),
        TOP + MEASURES.len() as f64 * (HIGH + BELOW) + 60.0,
    );
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\" aria-label=\"Costs of Terraform's commands by the number of \
         jobs\">\n<style>{STYLE}</style>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n"
    );
    text(
        &mut svg,
        "title",
        (14.0, 28.0),
        "What a command costs, by the number of jobs",
    );
    text(
        &mut svg,
        "axis",
        (LEFT + 2.0 * (WIDE + GAP) - GAP / 2.0, height - 54.0),
        "jobs",
    );
    text(&mut svg, "note", (14.0, height - 28.0), caption);
    text(&mut svg, "note", (14.0, height - 12.0), NOTE);
    svg
}

fn legend(svg: &mut String, curves: &[Curve]) {
    let (mut left, mut line) = (14.0, 50.0);
    let names = curves.iter().enumerate();
    let mut entries: Vec<(String, usize, &str)> = names
        .map(|(index, curve)| (format!("c{index}"), index, curve.name))
        .collect();
    entries.push(("local".to_owned(), 0, "terraform_data, state in a local file"));
    entries.push(("slope".to_owned(), NO_MARK, "in proportion to the jobs"));
    for (class, index, name) in entries {
        if class == "local" {
            (left, line) = (14.0, 70.0);
        }
        let _ = writeln!(
            svg,
            "<path class=\"{class}\" d=\"M{left:.0} {line:.0}h24\"/>{}",
            mark(&class, index, (left + 12.0, line))
        );
        text(svg, "key", (left + 30.0, line + 4.0), name);
        left += 236.0;
    }
}

/// The axes with a line for each power of ten; its number stands at the left column alone, since a row has one scale.
fn frame(svg: &mut String, panel: Panel, numbers: bool) {
    let Panel {
        left,
        top,
        across,
        up,
    } = panel;
    for power in up.powers() {
        let y = panel.at((1.0, 10f64.powi(power))).1;
        let _ = writeln!(svg, "<path class=\"grid\" d=\"M{left:.1} {y:.1}h{WIDE:.0}\"/>");
        if numbers {
            text(svg, "left", (left - 6.0, y + 4.0), &number(power));
        }
    }
    for power in across.powers() {
        let x = panel.at((10f64.powi(power), 1.0)).0;
        let _ = writeln!(svg, "<path class=\"grid\" d=\"M{x:.1} {top:.1}v{HIGH:.0}\"/>");
        text(svg, "axis", (x, top + HIGH + 14.0), &number(power));
    }
}

/// A line through this provider's last point along which costs are in proportion to the jobs; or that there are none.
fn proportion(svg: &mut String, panel: Panel, lines: &[(usize, Points)], drawn: bool) {
    let middle = (panel.left + WIDE / 2.0, panel.top + HIGH / 2.0);
    let Some((jobs, value)) = lines
        .iter()
        .find(|(index, _)| *index == OURS)
        .and_then(|(_, line)| line.last())
    else {
        return text(svg, "axis", middle, "none");
    };
    if !drawn {
        return;
    }
    // From the last point down to the panel's edge, whichever edge that is.
    let bottom = 10f64.powf(panel.up.from);
    let least = (jobs * bottom / value).max(10f64.powf(panel.across.from));
    let ((x1, y1), (x2, y2)) = (panel.at((least, value * least / jobs)), panel.at((*jobs, *value)));
    let _ = writeln!(
        svg,
        "<path class=\"slope\" d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\"/>"
    );
}

fn line(svg: &mut String, panel: Panel, class: &str, index: usize, points: &Points) {
    let places: Vec<(f64, f64)> = points.iter().map(|point| panel.at(*point)).collect();
    let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
    if path.is_empty() {
        return;
    }
    let _ = writeln!(svg, "<path class=\"{class}\" d=\"M{}\"/>", path.join("L"));
    for place in places {
        let _ = writeln!(svg, "{}", mark(class, index, place));
    }
}

/// The mark of a point: a shape for each contender, for those who do not tell colours apart.
fn mark(class: &str, index: usize, (x, y): (f64, f64)) -> String {
    match index {
        0 => format!("<circle class=\"m {class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.6\"/>"),
        1 => format!(
            "<path class=\"m {class}\" d=\"M{:.1} {:.1}h6v6h-6z\"/>",
            x - 3.0,
            y - 3.0
        ),
        2 => format!(
            "<path class=\"m {class}\" d=\"M{x:.1} {:.1}l3.6 6.4h-7.2z\"/>",
            y - 4.0
        ),
        _ => String::new(),
    }
}

fn title(svg: &mut String, measure: &Measure, top: f64) {
    let (x, y) = (20.0, top + HIGH / 2.0);
    let _ = writeln!(
        svg,
        "<text class=\"row\" transform=\"rotate(-90 {x:.0} {y:.0})\" x=\"{x:.0}\" y=\"{y:.0}\">{}<tspan \
         class=\"unit\" x=\"{x:.0}\" dy=\"14\">{}</tspan></text>",
        measure.title, measure.unit
    );
}

fn text(svg: &mut String, class: &str, (x, y): (f64, f64), text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>"
    );
}

/// A power of ten as people write it.
fn number(power: i32) -> String {
    match power {
        0.. => format!("{}", 10u64.pow(power.unsigned_abs())),
        _ => format!("{}", 10f64.powi(power)),
    }
}

/// The number of this provider among the contenders.
const OURS: usize = 1;
/// A number of no contender.
const NO_MARK: usize = usize::MAX;
const WIDE: f64 = 200.0;
const HIGH: f64 = 140.0;
const GAP: f64 = 22.0;
const BELOW: f64 = 30.0;
const LEFT: f64 = 84.0;
const TOP: f64 = 116.0;
const NOTE: &str = "Medians. Both axes are logarithmic, and the panels of a row have one scale. Unless it says otherwise, \
                    the state lies in a backend of type http.";
const STYLE: &str = "
text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#1f2328}
.page{fill:#fff}.grid{stroke:#d8dee4;stroke-width:1}
.title{font-size:17px;font-weight:600}.step,.row{font-weight:600;text-anchor:middle}.unit{font-weight:400}
.axis{font-size:11px;text-anchor:middle}.left{font-size:11px;text-anchor:end}.note,.key,.unit{font-size:11px}
.axis,.left,.note,.unit{fill:#59636e}
path{fill:none;stroke-width:1.8}.m{stroke:none}
.c0{stroke:#59636e}.m.c0{fill:#59636e}.c1{stroke:#0969da}.m.c1{fill:#0969da}.c2{stroke:#bc4c00}.m.c2{fill:#bc4c00}
.local{stroke:#8250df;stroke-dasharray:5 3}.m.local{fill:#8250df}
.slope{stroke:#818b98;stroke-width:1.2;stroke-dasharray:1 4;stroke-linecap:round}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}.page{fill:#0d1117}.grid{stroke:#2a313c}.axis,.left,.note,.unit{fill:#9198a1}
.c0{stroke:#9198a1}.m.c0{fill:#9198a1}.c1{stroke:#4493f8}.m.c1{fill:#4493f8}.c2{stroke:#f0883e}.m.c2{fill:#f0883e}
.local{stroke:#ab7df8}.m.local{fill:#ab7df8}.slope{stroke:#656c76}
}
";
