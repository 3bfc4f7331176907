// Signing in and out, in English.

/** @type {import('./account.js').AccountWords} */
export const accountWords = {
  account: 'Account',
  signIn: 'Sign in',
  signOut: 'Sign out',
  name: 'Name',
  password: 'Password',
  showPassword: 'Show the password',
  passwordRule: '10 to 200 characters; not the name, nor a password that everybody uses.',
  changePassword: 'Change password',
  currentPassword: 'Present password',
  newPassword: 'New password',
  showPasswords: 'Show the passwords',
  bothNeeded: 'Enter your present password and the new one.',
  passwordChanged: 'Your password is changed. You are signed out everywhere else.',
  cancel: 'Cancel',
  needed: 'Enter your name and your password.',
  signInMeaning: 'Changing anything takes an account.',
  noAccount: 'No account? An admin can make one. The first is made by the link that the server printed at its start, or by “cryptoviz user create”.',
  signedIn: (name, role) => `Signed in as ${name}, ${role}.`,
  roles: { viewer: 'viewer', operator: 'operator', admin: 'admin' },
  until: (time) => `The session ends at ${time} at the latest.`,
  administration: 'Administration',
};
