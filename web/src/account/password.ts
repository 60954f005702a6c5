/** What the server asks for at least (policies/*.toml). */
export const passwordCharacters = 12;

export const isShort = (password: string): boolean => Array.from(password).length < passwordCharacters;
