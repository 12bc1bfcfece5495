//! What the machine has to offer, and how it gets what it lacks: Debian packages, when we may install them.

use std::path::Path;

use anyhow::bail;

use crate::shell::{output, program, run, say, which, works};

/// How to tell that something is there, wherever it came from.
enum Sign {
    Programs(&'static [&'static str]),
    Command(&'static [&'static str]),
    Folder(&'static str),
    /// Only the package manager knows.
    Package,
}

/// Something that has to be on the machine.
struct Need {
    package: &'static str,
    sign: Sign,
}

const fn programs(package: &'static str, names: &'static [&'static str]) -> Need {
    Need { package, sign: Sign::Programs(names) }
}

/// What the build needs: a C and C++ compiler and cmake for whisper.cpp and libopus.
const BUILD: &[Need] = &[
    programs("build-essential", &["cc", "c++", "make"]),
    programs("cmake", &["cmake"]),
    programs("pkg-config", &["pkg-config"]),
    Need { package: "libgomp1", sign: Sign::Package },
];

/// What the demo and the tests need besides: pip to fetch the model, flite to speak the visit.
const SOUND: &[Need] = &[
    Need { package: "python3-pip", sign: Sign::Command(&["python3", "-m", "pip", "--version"]) },
    programs("flite", &["flite"]),
];

/// What the tests need besides: a real database, a real browser, and files of every kind.
const TESTS: &[Need] = &[
    Need { package: "postgresql", sign: Sign::Folder("/usr/lib/postgresql") },
    programs("chromium", &["chromium"]),
    programs("firefox-esr", &["firefox-esr"]),
    // Without a sound card, Firefox plays nothing: this one takes it and throws it away.
    programs("pulseaudio", &["pulseaudio"]),
    Need {
        package: "fonts-liberation",
        sign: Sign::Folder("/usr/share/fonts/truetype/liberation"),
    },
    programs("ffmpeg", &["ffmpeg"]),
    // With it ffmpeg writes AMR.
    Need { package: "libavcodec-extra", sign: Sign::Package },
    // Voices that whisper, and that speak other languages.
    programs("espeak-ng", &["espeak-ng"]),
    READ_ALOUD,
    PYTHON,
    // People's voices, with what they say; and music on hold.
    Need { package: "asterisk-core-sounds-en-g722", sign: Sign::Package },
    Need { package: "asterisk-core-sounds-en", sign: Sign::Package },
    Need { package: "asterisk-core-sounds-fr-g722", sign: Sign::Package },
    Need { package: "asterisk-core-sounds-fr", sign: Sign::Package },
    Need { package: "asterisk-moh-opsound-g722", sign: Sign::Package },
];

/// Sentences that a person read, with their text.
const READ_ALOUD: Need = Need { package: "pocketsphinx-testdata", sign: Sign::Package };

/// Environments for the Python packages that ours are held against.
const PYTHON: Need = Need {
    package: "python3-venv",
    sign: Sign::Command(&["python3", "-m", "ensurepip", "--version"]),
};

/// What the bench of speech needs besides.
const BENCH: &[Need] = &[READ_ALOUD, PYTHON];

/// For what the machine is to be made ready.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Build,
    Demo,
    Test,
    Bench,
}

/// The oldest node that the user interface builds with.
const NODE: u32 = 20;

/// Sees to it that everything is there: installs it if that is allowed, otherwise says the one line to type.
pub(crate) fn prepare(purpose: Purpose) -> anyhow::Result<()> {
    let lists: &[&[Need]] = match purpose {
        Purpose::Build => &[BUILD],
        Purpose::Demo => &[BUILD, SOUND],
        Purpose::Test => &[BUILD, SOUND, TESTS],
        Purpose::Bench => &[BUILD, SOUND, BENCH],
    };
    let missing: Vec<_> = lists
        .iter()
        .copied()
        .flatten()
        .filter(|need| !there(need))
        .map(|need| need.package)
        .collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    node()
}

fn there(need: &Need) -> bool {
    let found = match need.sign {
        Sign::Programs(names) => names.iter().all(|name| which(name).is_some()),
        Sign::Command(words) => {
            words.split_first().is_some_and(|(name, args)| works(&mut program(name, args)))
        }
        Sign::Folder(path) => Path::new(path).is_dir(),
        Sign::Package => false,
    };
    found || installed(need.package)
}

fn installed(package: &str) -> bool {
    let mut query = program("dpkg-query", ["--show", "--showformat=${db:Status-Status}", package]);
    output(&mut query).is_ok_and(|status| status == "installed")
}

fn install(missing: &[&str]) -> anyhow::Result<()> {
    let list = missing.join(" ");
    let Some(prefix) = which("apt-get").and_then(|_| right_to_install()) else {
        bail!(
            "These Debian packages are missing: {list}.\nInstall them, then run this again:\n\n    \
             sudo apt-get update && sudo apt-get install -y --no-install-recommends {list}\n"
        );
    };
    say(&format!("installing {list}"));
    let apt = |words: &[&str]| {
        let mut all: Vec<&str> = prefix.to_vec();
        all.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]);
        all.extend(words);
        run(&mut program(all[0], &all[1..]))
    };
    apt(&["update"])?;
    let mut words = vec!["install", "--yes", "--no-install-recommends"];
    words.extend(missing);
    apt(&words)
}

/// The words before `apt-get`: none for root, `sudo -n` if it asks for no password.
fn right_to_install() -> Option<&'static [&'static str]> {
    if is_root() {
        Some(&[])
    } else {
        works(&mut program("sudo", ["-n", "true"])).then_some(&["sudo", "-n"])
    }
}

/// Whether we are root.
pub(crate) fn is_root() -> bool {
    output(&mut program("id", ["-u"])).is_ok_and(|id| id.trim() == "0")
}

fn node() -> anyhow::Result<()> {
    let version = output(&mut program("node", ["--version"])).unwrap_or_default();
    let major: Option<u32> =
        version.trim().trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok());
    match major {
        Some(major) if major >= NODE && which("npm").is_some() => Ok(()),
        Some(major) if major >= NODE => {
            bail!("npm is missing. It comes with node; install both, then run this again.")
        }
        Some(_) => bail!(
            "node {} is too old: the user interface needs node {NODE} or newer.",
            version.trim()
        ),
        None => bail!("node is missing: the user interface needs node {NODE} or newer, with npm."),
    }
}
