/** The words of signing in and out. */
export interface AccountWords {
  account: string;
  signIn: string;
  signOut: string;
  name: string;
  password: string;
  showPassword: string;
  passwordRule: string;
  changePassword: string;
  currentPassword: string;
  newPassword: string;
  showPasswords: string;
  bothNeeded: string;
  passwordChanged: string;
  cancel: string;
  needed: string;
  signInMeaning: string;
  noAccount: string;
  signedIn: (name: string, role: string) => string;
  roles: Record<'viewer' | 'operator' | 'admin', string>;
  until: (time: string) => string;
  administration: string;
}
