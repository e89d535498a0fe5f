/** Skills of an operator as they are typed: `english=3 law=1`. */
const SKILL = /^([0-9a-z][0-9a-z_-]{0,31})=([1-5])$/;

/** As text, in order. */
export function skillsText(skills: Readonly<Record<string, number>>): string {
  return Object.entries(skills)
    .map(([name, level]) => `${name}=${level}`)
    .sort()
    .join(" ");
}

/** The skills and their levels; null where the text is none. */
export function skillsOf(text: string): Record<string, number> | null {
  const skills: Record<string, number> = {};
  for (const word of text.split(/[\s,]+/).filter((each) => each !== "")) {
    const found = SKILL.exec(word.toLowerCase());
    if (found === null) return null;
    skills[found[1]!] = Number(found[2]);
  }
  return skills;
}
