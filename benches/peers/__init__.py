"""What fastroute is measured against: the same work done with other people's packages."""
