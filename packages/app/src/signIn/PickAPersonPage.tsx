import {
  ErrorPanel,
  Page,
  Content,
  ProxiedSignInPage,
} from '@backstage/core-components';
import { configApiRef, IdentityApi, useApi } from '@backstage/core-plugin-api';
import { SignInPageProps } from '@backstage/plugin-app-react';
import Button from '@material-ui/core/Button';
import Card from '@material-ui/core/Card';
import CardActionArea from '@material-ui/core/CardActionArea';
import CardContent from '@material-ui/core/CardContent';
import Typography from '@material-ui/core/Typography';
import { makeStyles } from '@material-ui/core/styles';
import { useState } from 'react';

// Per tab, so that two tabs can be two people at once.
const STORAGE_KEY = 'switchyard.person';

const useStyles = makeStyles(theme => ({
  root: { maxWidth: 960, margin: '0 auto', padding: theme.spacing(4, 0) },
  people: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(260px, 1fr))',
    gap: theme.spacing(2),
    listStyle: 'none',
    padding: 0,
    marginTop: theme.spacing(4),
  },
  person: { height: '100%' },
  // Buttons centre what is in them; names of one row stand on one line.
  action: {
    height: '100%',
    display: 'flex',
    alignItems: 'flex-start',
    justifyContent: 'flex-start',
  },
}));

interface Person {
  name: string;
  displayName: string;
  about: string;
}

/** Sign in to the sandbox by picking a person. The backend accepts it only while the sandbox runs. */
export function PickAPersonPage(props: SignInPageProps) {
  const classes = useStyles();
  const config = useApi(configApiRef);
  const people = config.getOptional<Person[]>('switchyard.sandboxPeople') ?? [];
  const [picked, setPicked] = useState(
    () => window.sessionStorage.getItem(STORAGE_KEY) ?? undefined,
  );

  function pick(name: string | undefined) {
    if (name) window.sessionStorage.setItem(STORAGE_KEY, name);
    else window.sessionStorage.removeItem(STORAGE_KEY);
    setPicked(name);
  }

  if (picked) {
    return (
      <ProxiedSignInPage
        {...props}
        provider="sandbox"
        headers={{ 'x-switchyard-person': picked }}
        onSignInSuccess={identity =>
          props.onSignInSuccess(forgetOnSignOut(identity))
        }
        ErrorComponent={({ error }) => (
          <Content>
            <ErrorPanel
              title={`Could not sign in as ${picked}`}
              error={error ?? new Error('Unknown error')}
            />
            <Button variant="contained" onClick={() => pick(undefined)}>
              Pick another person
            </Button>
          </Content>
        )}
      />
    );
  }
  return (
    <Page themeId="home">
      <Content>
        <div className={classes.root}>
          <Typography variant="h2" component="h1">
            Switchyard
          </Typography>
          <Typography variant="subtitle1" component="p">
            This is the sandbox: pick a person to be. Another tab can be
            somebody else.
          </Typography>
          <ul className={classes.people}>
            {people.map(person => (
              <li key={person.name}>
                <Card className={classes.person}>
                  <CardActionArea
                    className={classes.action}
                    onClick={() => pick(person.name)}
                  >
                    <CardContent>
                      <Typography variant="h6" component="h2">
                        {person.displayName}
                      </Typography>
                      <Typography variant="body2" color="textSecondary">
                        {person.about}
                      </Typography>
                    </CardContent>
                  </CardActionArea>
                </Card>
              </li>
            ))}
          </ul>
        </div>
      </Content>
    </Page>
  );
}

/** Without this, the next load of the page would sign in the same person again. */
function forgetOnSignOut(identity: IdentityApi): IdentityApi {
  return {
    getBackstageIdentity: () => identity.getBackstageIdentity(),
    getCredentials: () => identity.getCredentials(),
    getProfileInfo: () => identity.getProfileInfo(),
    async signOut() {
      window.sessionStorage.removeItem(STORAGE_KEY);
      await identity.signOut();
    },
  };
}
