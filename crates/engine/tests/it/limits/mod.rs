//! Limits of the tree, in the words of the line language.

mod asked;
mod desk;
mod leave;
mod paths;
mod rules;
mod sizes;
mod table;
