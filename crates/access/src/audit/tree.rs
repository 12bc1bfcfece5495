//! The Merkle tree over the log (RFC 6962, section 2.1), kept as its frontier: the roots of the complete subtrees, at
//! most 64 of them. The data of leaf *n* is the link of entry *n*, so a root stands for every entry up to there.

use sha2::{Digest as _, Sha256};

use super::Link;

/// The root of the tree at some size.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Root(pub [u8; 32]);

impl std::fmt::Debug for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&Link(self.0), f)
    }
}

/// The frontier of a tree does not go with its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the frontier is not that of a tree of this size")]
pub struct NoSuchTree;

/// A tree that grows at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// Roots of the complete subtrees, the largest first: one for each 1 in the binary form of `size`.
    frontier: Vec<[u8; 32]>,
}

impl Tree {
    /// How many leaves it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds the next leaf.
    pub fn push(&mut self, link: Link) {
        let mut hash = [0; 33];
        hash[1..].copy_from_slice(&link.0);
        let mut node: [u8; 32] = Sha256::digest(hash).into();
        // As in counting: each trailing 1 is a complete subtree that the new one completes.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.frontier.pop() {
                node = join(&left, &node);
            }
        }
        self.frontier.push(node);
        self.size += 1;
    }

    /// The root at this size.
    pub fn root(&self) -> Root {
        let mut nodes = self.frontier.iter().rev();
        let Some(last) = nodes.next() else { return Root(Sha256::digest([]).into()) };
        Root(nodes.fold(*last, |right, left| join(left, &right)))
    }

    /// The frontier for storage: its hashes in a row.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.frontier.concat()
    }

    /// From storage.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Result<Self, NoSuchTree> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || hashes.len() != size.count_ones() as usize {
            return Err(NoSuchTree);
        }
        Ok(Self { size, frontier: hashes.to_vec() })
    }
}

fn join(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut both = [1; 65];
    both[1..33].copy_from_slice(left);
    both[33..].copy_from_slice(right);
    Sha256::digest(both).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition as RFC 6962 writes it, top down.
    fn by_definition(leaves: &[Link]) -> [u8; 32] {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => Sha256::digest([&[0][..], &one.0].concat()).into(),
            more => {
                let left = more.len().next_power_of_two() / 2;
                let (a, b) = more.split_at(left);
                join(&by_definition(a), &by_definition(b))
            }
        }
    }

    #[test]
    fn it_is_the_tree_of_rfc_6962() {
        let leaves: Vec<_> = (0..200_u8).map(|n| Link([n; 32])).collect();
        let mut tree = Tree::default();
        for n in 0..leaves.len() {
            assert_eq!(tree.root().0, by_definition(&leaves[..n]), "of {n}");
            assert_eq!(Tree::from_bytes(tree.size(), &tree.to_bytes()), Ok(tree.clone()));
            tree.push(leaves[n]);
        }
        assert_eq!(Tree::from_bytes(3, &[0; 32]), Err(NoSuchTree));
        assert_eq!(Tree::from_bytes(1, &[0; 33]), Err(NoSuchTree));
    }
}
