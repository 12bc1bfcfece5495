//! Writing a framework: what is added gets a key from its name, which stays when it is renamed.

use super::{Area, Framework, FrameworkError as E, Measure, Skill};

impl Framework {
    /// A framework with nothing to code yet. Its version is given when it is kept.
    pub fn empty(title: &str, source: &str) -> Self {
        Self {
            version: String::new(),
            title: title.to_owned(),
            source: source.to_owned(),
            areas: Vec::new(),
        }
    }

    /// Gives it another title and source. The source may still be missing.
    pub fn set_title(&mut self, title: &str, source: &str) -> Result<(), E> {
        if title.is_empty() {
            return Err(E::Empty("the title".to_owned()));
        }
        (self.title, self.source) = (title.to_owned(), source.to_owned());
        self.unbroken()
    }

    /// Adds an area, at the end.
    pub fn add_area(&mut self, name: &str) -> Result<(), E> {
        let key = mint(name, self.areas.iter().map(|area| &*area.key));
        self.areas.push(Area { key, name: name.to_owned(), skills: Vec::new() });
        self.unbroken()
    }

    /// Gives an area another name.
    pub fn rename_area(&mut self, key: &str, name: &str) -> Result<(), E> {
        name.clone_into(&mut self.area_mut(key)?.name);
        self.unbroken()
    }

    /// Moves an area one place up or down; at the end of the list, nothing happens.
    pub fn move_area(&mut self, key: &str, up: bool) -> Result<(), E> {
        let at = self.areas.iter().position(|area| area.key == key).ok_or(E::Gone)?;
        swap(&mut self.areas, at, up);
        Ok(())
    }

    /// Takes out an area that has no skills.
    pub fn remove_area(&mut self, key: &str) -> Result<(), E> {
        let area = self.area_mut(key)?;
        if !area.skills.is_empty() {
            return Err(E::FullArea(area.name.clone()));
        }
        self.areas.retain(|area| area.key != key);
        Ok(())
    }

    /// Adds a skill to an area, at its end; its key.
    pub fn add_skill(&mut self, area: &str, name: &str, measure: Measure) -> Result<String, E> {
        let key = mint(name, self.skills().map(|skill| &*skill.key));
        let skill = Skill {
            key: key.clone(),
            name: name.to_owned(),
            definition: String::new(),
            prompts: Vec::new(),
            measure,
            exemplars: Vec::new(),
            indicators: Vec::new(),
            subs: Vec::new(),
        };
        self.area_mut(area)?.skills.push(skill);
        self.unbroken()?;
        Ok(key)
    }

    /// Moves a skill one place up or down in its area; past the end of that, into the next one.
    pub fn move_skill(&mut self, key: &str, up: bool) -> Result<(), E> {
        let (area, at) = self.place(key).ok_or(E::Gone)?;
        if swap(&mut self.areas[area].skills, at, up) {
            return Ok(());
        }
        let next = if up { area.checked_sub(1) } else { Some(area + 1) };
        if let Some(next) = next.filter(|&next| next < self.areas.len()) {
            let skill = self.areas[area].skills.remove(at);
            let skills = &mut self.areas[next].skills;
            skills.insert(if up { skills.len() } else { 0 }, skill);
        }
        Ok(())
    }

    /// Takes out a skill.
    pub fn remove_skill(&mut self, key: &str) -> Result<(), E> {
        let (area, at) = self.place(key).ok_or(E::Gone)?;
        self.areas[area].skills.remove(at);
        Ok(())
    }

    /// Puts a skill in the place of the one that has its key, or at the end of another area. Sub-categories without a
    /// key get one.
    pub fn set_skill(&mut self, area: &str, mut skill: Skill) -> Result<(), E> {
        let (from, at) = self.place(&skill.key).ok_or(E::Gone)?;
        for n in 0..skill.subs.len() {
            if skill.subs[n].key.is_empty() {
                let taken = skill.subs.iter().map(|sub| &*sub.key);
                skill.subs[n].key = mint(&skill.subs[n].name, taken);
            }
        }
        if let Some(problem) = skill.problems().into_iter().find(|p| !p.is_unfinished()) {
            return Err(problem);
        }
        if self.areas[from].key == area {
            self.areas[from].skills[at] = skill;
        } else {
            self.area_mut(area)?.skills.push(skill);
            self.areas[from].skills.remove(at);
        }
        self.unbroken()
    }

    /// The key of the area that a skill is in.
    pub fn area_of(&self, skill: &str) -> Option<&str> {
        self.place(skill).map(|(area, _)| &*self.areas[area].key)
    }

    fn area_mut(&mut self, key: &str) -> Result<&mut Area, E> {
        self.areas.iter_mut().find(|area| area.key == key).ok_or(E::Gone)
    }

    /// Which area a skill is in, and where there.
    fn place(&self, key: &str) -> Option<(usize, usize)> {
        self.areas
            .iter()
            .enumerate()
            .find_map(|(n, area)| Some((n, area.skills.iter().position(|skill| skill.key == key)?)))
    }

    /// What a draft must not be: everything but unfinished. An empty name is refused where it is typed.
    fn unbroken(&self) -> Result<(), E> {
        let unnamed = |p: &E| matches!(p, E::Empty(what) if what.starts_with("the name"));
        let broken = |p: &E| !p.is_unfinished() || unnamed(p);
        self.problems().into_iter().find(broken).map_or(Ok(()), Err)
    }
}

/// Changes places with a neighbour, if there is one.
fn swap<T>(list: &mut [T], at: usize, up: bool) -> bool {
    let other = if up { at.checked_sub(1) } else { Some(at + 1) };
    let there = other.filter(|&other| other < list.len());
    if let Some(other) = there {
        list.swap(at, other);
    }
    there.is_some()
}

/// A key from a name: its letters and digits in lower case, and a number where another has the same.
fn mint<'a>(name: &str, taken: impl Iterator<Item = &'a str>) -> String {
    let taken: Vec<_> = taken.collect();
    let mut key = String::new();
    for c in name.chars().map(|c| c.to_ascii_lowercase()) {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            key.push(c);
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
        if key.len() == 32 {
            break;
        }
    }
    let key = key.trim_end_matches('_');
    let key = if key.is_empty() { "item" } else { key };
    let mut minted = key.to_owned();
    let mut n = 2;
    while taken.contains(&&*minted) {
        minted = format!("{key}_{n}");
        n += 1;
    }
    minted
}

#[cfg(test)]
mod tests {
    use super::{super::Sub, *};

    fn keys(framework: &Framework) -> Vec<Vec<&str>> {
        let of = |area: &'_ Area| area.skills.len();
        assert_eq!(framework.areas.iter().map(of).sum::<usize>(), framework.skills().count());
        framework
            .areas
            .iter()
            .map(|area| area.skills.iter().map(|skill| &*skill.key).collect())
            .collect()
    }

    #[test]
    fn a_framework_is_written_from_nothing() {
        let mut new = Framework::empty("Counts", "Our own");
        assert_eq!(new.add_area(""), Err(E::Empty("the name of an area".to_owned())));
        let mut new = Framework { areas: Vec::new(), ..new };
        new.add_area("Whole recording").unwrap();
        new.add_area("What is counted").unwrap();
        assert_eq!(new.add_skill("whole_recording", "Empathy", Measure::Scale).unwrap(), "empathy");
        let asked = new.add_skill("what_is_counted", "Open question?", Measure::Count);
        assert_eq!(asked.unwrap(), "open_question");
        // Without a letter that a key can have.
        assert_eq!(new.add_skill("what_is_counted", "反映", Measure::Count).unwrap(), "item");
        assert_eq!(new.add_skill("nowhere", "X", Measure::Scale), Err(E::Gone));
        let asked = new.add_skill("what_is_counted", "Empathy!", Measure::Count).unwrap();
        assert_eq!(asked, "empathy_2", "two names may come to one key");
        let mut twice = new.clone();
        let same = twice.add_skill("what_is_counted", "empathy", Measure::Scale);
        assert_eq!(same, Err(E::NameTwice("empathy".to_owned())));
    }

    #[test]
    fn skills_move_through_areas() {
        let mut v1 = Framework::v1();
        v1.move_skill("purposefulness", true).unwrap();
        assert_eq!(
            keys(&v1),
            [vec!["empathy", "collaboration", "child_focus", "purposefulness"], vec!["clarity"]]
        );
        v1.move_skill("clarity", false).unwrap();
        v1.move_skill("empathy", true).unwrap();
        v1.move_skill("empathy", false).unwrap();
        v1.move_area("respectful_authority", true).unwrap();
        assert_eq!(
            keys(&v1),
            [vec!["clarity"], vec!["collaboration", "empathy", "child_focus", "purposefulness"]]
        );
        assert_eq!(v1.move_skill("gone", true), Err(E::Gone));
        let full = v1.remove_area("respectful_authority");
        assert_eq!(full, Err(E::FullArea("Respectful authority".to_owned())));
        v1.remove_skill("clarity").unwrap();
        v1.remove_area("respectful_authority").unwrap();
        assert_eq!(v1.areas.len(), 1);
    }

    #[test]
    fn keys_stay_when_names_change() {
        let mut v1 = Framework::v1();
        v1.rename_area("relationship_building", "Relationships").unwrap();
        let mut skill = v1.skill("empathy").unwrap().clone();
        skill.name = "Being with".to_owned();
        skill.subs[1].name = "Wondering".to_owned();
        skill.subs.remove(0);
        skill.subs.push(Sub { key: String::new(), name: "Curiosity".to_owned() });
        v1.set_skill("respectful_authority", skill).unwrap();
        assert_eq!(v1.area_of("empathy"), Some("respectful_authority"));
        let subs: Vec<_> = v1.skill("empathy").unwrap().subs.iter().map(|s| &*s.key).collect();
        assert_eq!(subs, ["curiosity", "understanding", "curiosity_2"]);
        assert_eq!(v1.check(), Ok(()));
        let clash =
            Skill { name: "Clarity of issues".to_owned(), ..v1.skill("empathy").unwrap().clone() };
        assert!(v1.set_skill("respectful_authority", clash).is_err());
    }
}
