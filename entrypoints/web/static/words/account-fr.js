// Se connecter et se déconnecter, en français.

/** @type {import('./account.js').AccountWords} */
export const accountWords = {
  account: 'Compte',
  signIn: 'Se connecter',
  signOut: 'Se déconnecter',
  name: 'Nom',
  password: 'Mot de passe',
  showPassword: 'Afficher le mot de passe',
  passwordRule: 'De 10 à 200 caractères ; ni le nom, ni un mot de passe que tout le monde utilise.',
  changePassword: 'Changer de mot de passe',
  currentPassword: 'Mot de passe actuel',
  newPassword: 'Nouveau mot de passe',
  showPasswords: 'Afficher les mots de passe',
  bothNeeded: 'Saisissez votre mot de passe actuel et le nouveau.',
  passwordChanged: 'Votre mot de passe est changé. Vous êtes déconnecté partout ailleurs.',
  cancel: 'Annuler',
  needed: 'Saisissez votre nom et votre mot de passe.',
  signInMeaning: 'Il faut un compte pour changer quoi que ce soit.',
  noAccount:
    'Pas de compte ? Un administrateur peut en créer un. Le premier se crée par le lien que le serveur affiche à son démarrage, ou par « cryptoviz user create ».',
  signedIn: (name, role) => `Connecté : ${name}, ${role}.`,
  roles: { viewer: 'lecteur', operator: 'opérateur', admin: 'administrateur' },
  until: (time) => `La session se termine au plus tard le ${time}.`,
  administration: 'Administration',
};
