//! Whether a process that lives long keeps what it should give back, judged by looks at it while it rests.

use super::process::Vitals;

/// What became of one thing that a process holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) what: &'static str,
    /// The median of the second quarter of all looks. The first is left out: pools and caches fill.
    pub(crate) early: u64,
    /// The median of the last quarter.
    pub(crate) late: u64,
    /// How much more it may be.
    pub(crate) allowed: u64,
}

impl Finding {
    pub(crate) fn is_leak(&self) -> bool {
        self.late > self.early + self.allowed
    }
}

/// Something that a process holds.
struct Thing {
    what: &'static str,
    held: fn(&Vitals) -> u64,
    /// How much more of it is no leak: connections come and go, and an allocator rounds up.
    allowed: u64,
}

/// One finding for each thing; none when there were too few looks to say anything.
pub(crate) fn judge(looks: &[Vitals]) -> Vec<Finding> {
    let quarter = looks.len() / 4;
    if quarter < LEAST {
        return Vec::new();
    }
    let early = &looks[quarter..2 * quarter];
    let late = &looks[looks.len() - quarter..];
    THINGS
        .iter()
        .map(|thing| Finding {
            what: thing.what,
            early: median(early, thing.held),
            late: median(late, thing.held),
            allowed: thing.allowed,
        })
        .collect()
}

fn median(looks: &[Vitals], held: fn(&Vitals) -> u64) -> u64 {
    let mut values: Vec<u64> = looks.iter().map(held).collect();
    values.sort_unstable();
    values[values.len() / 2]
}

const THINGS: [Thing; 4] = [
    Thing {
        what: "memory, KiB",
        held: |vitals| vitals.resident,
        allowed: 2048,
    },
    Thing {
        what: "file descriptors",
        held: |vitals| vitals.descriptors,
        allowed: 3,
    },
    Thing {
        what: "sockets",
        held: |vitals| vitals.sockets,
        allowed: 3,
    },
    Thing {
        what: "threads",
        held: |vitals| vitals.threads,
        allowed: 3,
    },
];
/// The fewest looks in a quarter.
const LEAST: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    const AT_REST: Vitals = Vitals {
        resident: 16_000,
        peak: 20_000,
        threads: 3,
        descriptors: 20,
        sockets: 8,
    };

    /// The things that leak in an hour of looks, each made by a function of the minute.
    fn leaks(look: impl Fn(u64) -> Vitals) -> Vec<&'static str> {
        let looks: Vec<Vitals> = (0..60).map(look).collect();
        let findings = judge(&looks).into_iter();
        findings
            .filter(Finding::is_leak)
            .map(|finding| finding.what)
            .collect()
    }

    #[test]
    fn what_fills_at_first_and_goes_up_and_down_is_no_leak() {
        let found = leaks(|minute| Vitals {
            resident: 16_000 + 500 * minute.min(10) + minute % 7 * 100,
            descriptors: 20 + minute % 5,
            sockets: 8 + minute % 5,
            ..AT_REST
        });
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn what_grows_to_the_end_is_a_leak() {
        let by = |minute: u64| minute / 5;
        assert_eq!(
            leaks(|minute| Vitals {
                resident: 16_000 + 100 * minute,
                ..AT_REST
            }),
            ["memory, KiB"]
        );
        assert_eq!(
            leaks(|minute| Vitals {
                descriptors: 20 + by(minute),
                sockets: 8 + by(minute),
                ..AT_REST
            }),
            ["file descriptors", "sockets"]
        );
        assert_eq!(
            leaks(|minute| Vitals {
                threads: 3 + by(minute),
                ..AT_REST
            }),
            ["threads"]
        );
    }

    #[test]
    fn a_few_looks_prove_nothing() {
        assert_eq!(judge(&[AT_REST; 7]), []);
        assert_eq!(judge(&[AT_REST; 8]).len(), 4);
    }
}
