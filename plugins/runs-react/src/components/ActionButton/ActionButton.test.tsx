import { renderInTestApp } from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import { ActionButton } from './ActionButton';

describe('ActionButton', () => {
  it('is a link where it leads to a page, in the colour of the button', async () => {
    renderInTestApp(
      <ActionButton to="/runs/412" color="primary" variant="contained">
        Open run #412
      </ActionButton>,
    );
    const link = await screen.findByRole('link', { name: 'Open run #412' });
    expect(link).toHaveAttribute('href', '/runs/412');
    expect(link).toHaveClass('MuiButton-containedPrimary');
    // The link's primary colour on the button's is blue on blue.
    expect(link).not.toHaveClass('MuiTypography-colorPrimary');
  });
});
