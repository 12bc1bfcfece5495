//! What a program costs: time on the clock, processor time, memory; its own children included.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};

/// How often it is looked at. As much later than it ended may its end be noticed.
const TICK: Duration = Duration::from_millis(4);

/// What one run cost.
pub(super) struct Cost {
    /// Seconds on the clock.
    pub(super) wall: f64,
    /// Seconds of processor time, to a hundredth.
    pub(super) cpu: f64,
    /// The most resident memory in bytes: of each process the most it ever had, added up.
    pub(super) memory: u64,
}

impl Cost {
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    pub(super) fn megabytes(&self) -> f64 {
        self.memory as f64 / 1e6
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wall, cpu, .. } = self;
        write!(f, "{wall:7.2} s  {cpu:7.2} s cpu  {:6.1} MB", self.megabytes())
    }
}

/// Runs to the end and measures; its output is dropped.
///
/// A process that has ended stays in the process table until it is waited for, and its line there still tells the
/// processor time of itself and of the children that it waited for.
pub(super) fn of(command: &mut Command) -> anyhow::Result<Cost> {
    let started = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let mut memory = BTreeMap::new();
    let (wall, cpu) = loop {
        let line = fs::read_to_string(format!("/proc/{}/stat", child.id()))
            .context("the process table has no line for it")?;
        let (ended, cpu) = read(&line).context("a line of the process table")?;
        if ended {
            break (started.elapsed(), cpu);
        }
        for pid in family(child.id()) {
            memory.extend(most_memory(pid).map(|bytes| (pid, bytes)));
        }
        thread::sleep(TICK);
    };
    let status = child.wait()?;
    if !status.success() {
        bail!("it ended with {status}");
    }
    Ok(Cost { wall: wall.as_secs_f64(), cpu, memory: memory.values().sum() })
}

/// Whether the process has ended, and its seconds of processor time with those of its children (proc(5): fields 3 and
/// 14 to 17, in hundredths).
fn read(line: &str) -> Option<(bool, f64)> {
    // The second field is the program's name in brackets, which may hold anything.
    let fields: Vec<&str> = line.get(line.rfind(')')? + 1..)?.split_ascii_whitespace().collect();
    let ticks: u32 = fields.get(11..15)?.iter().map(|n| n.parse::<u32>().unwrap_or(0)).sum();
    Some((matches!(*fields.first()?, "Z" | "X"), f64::from(ticks) / 100.0))
}

/// A process and all that it started.
fn family(pid: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut next = vec![pid];
    while let Some(pid) = next.pop() {
        if found.insert(pid) {
            let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
            for task in tasks {
                let children = fs::read_to_string(task.path().join("children"));
                let children = children.unwrap_or_default();
                next.extend(
                    children.split_ascii_whitespace().filter_map(|n| n.parse::<u32>().ok()),
                );
            }
        }
    }
    found
}

/// The most resident memory that a process has had so far.
fn most_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kb| kb * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_childs_child_is_counted_too() {
        // A shell whose child works a little, and holds some 16 MB for a while.
        let inner = "x=$(head -c 8000000 /dev/zero | tr '\\0' a); sleep 0.1; echo $x | wc -c";
        let outer = format!("sh -c \"{}\"; true", inner.replace('$', "\\$"));
        let cost = of(Command::new("sh").args(["-c", &outer])).unwrap();
        assert!(cost.wall > 0.1 && cost.cpu > 0.0, "{cost}");
        assert!(cost.memory > 8_000_000, "{cost}");
        assert!(of(Command::new("sh").args(["-c", "exit 3"])).is_err());
    }

    #[test]
    fn a_line_of_the_process_table_is_read() {
        let line = "7 (a) b) Z 1 7 7 0 -1 4 0 0 0 0 150 25 300 5 20 0 1 0 9 0 0";
        let (ended, cpu) = read(line).unwrap();
        assert!(ended && (cpu - 4.8).abs() < 1e-9, "{cpu}");
        assert!(!read(&line.replace(" Z ", " S ")).unwrap().0);
        assert!(read("nothing").is_none());
    }
}
