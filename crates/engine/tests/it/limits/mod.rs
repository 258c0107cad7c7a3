//! Limits of the tree, in the words of the line language.

mod desk;
mod table;
