//! The README tells what is: every fault with its story, and every flag.

use std::process::Command;

use crate::harness::Cloud;

const README: &str = include_str!("../../README.md");

#[tokio::test]
async fn every_fault_stands_there_with_its_story() {
    let (_, faults) = Cloud::start().await.control("GET", "faults", None).await;
    let catalogue = faults["catalogue"].as_array().unwrap();
    let told = catalogue.iter().map(|fault| {
        let text = |member: &str| fault[member].as_str().unwrap();
        let by_chance = if fault["byChance"] == true { "yes" } else { "no" };
        format!(
            "| `{}` | {} | {by_chance}: {} |\n",
            text("name"),
            text("story"),
            text("why")
        )
    });
    let told: String = told.collect();
    assert!(README.contains(&told), "the table of faults should be\n{told}");
}

#[test]
fn every_flag_stands_there() {
    let help = Command::new(env!("CARGO_BIN_EXE_cloudrun-emulator"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let flags = help.split_whitespace().filter(|word| word.starts_with("--"));
    for flag in flags.filter(|flag| !["--help", "--version"].contains(flag)) {
        assert!(
            README.contains(&format!("| `{flag}`")),
            "{flag} is not in the README"
        );
    }
}
