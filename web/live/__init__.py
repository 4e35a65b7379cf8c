"""The process that keeps hall screens right: one application, one hub that draws, a mailbox for each screen."""
