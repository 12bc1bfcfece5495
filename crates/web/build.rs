//! Says in one sentence what is missing when the user interface has not been built.

fn main() {
    println!("cargo::rerun-if-changed=ui/dist");
    println!("cargo::rerun-if-changed=templates");
    if !std::path::Path::new("ui/dist/app.css").exists() {
        println!(
            "cargo::error=the user interface is not built yet: run `cargo xtask build` from the top of the repository"
        );
    }
}
